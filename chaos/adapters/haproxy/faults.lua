-- What is done to the requests and answers of one link. Each effect has a map, from the beginning of a path to
-- SHARE:ARGUMENT; the share is in percent. The maps are empty at the start and are changed through HAProxy's
-- runtime interface.

-- A share is exact over ten requests: drawn for each request alone, the hits would sometimes come five in a row
-- and sometimes not at all, and two runs of one scenario would differ.
local TEN = 10

local function effect(name)
  return { map = Map.new("/gameday/" .. name .. ".map", Map._beg), draws = {} }
end

local status, slow, body, headers = effect("status"), effect("slow"), effect("body"), effect("header")
local MALFORMED = '{"malformed": ['

-- Which of the next ten requests a rule hits: `hits` of the `left` ones, each equally likely. `owed` is what
-- ten requests cannot hit of the share, such as half a request of 25 %; the ten after them hit it.
local function hits(draw, share)
  if draw.left == 0 then
    local due = share * TEN / 100 + draw.owed
    draw.left, draw.hits = TEN, math.floor(due)
    draw.owed = due - draw.hits
  end
  local hit = math.random(draw.left) <= draw.hits
  draw.left = draw.left - 1
  if hit then
    draw.hits = draw.hits - 1
  end
  return hit
end

-- The argument of an effect if it strikes this request.
local function strikes(one, path)
  local rule = one.map:lookup(path)
  if rule == nil then
    return nil
  end
  local share, argument = rule:match("^(%d+):(.*)$")
  one.draws[rule] = one.draws[rule] or { left = 0, hits = 0, owed = 0 }
  if hits(one.draws[rule], tonumber(share)) then
    return argument
  end
  return nil
end

core.register_action("gameday_request", { "http-req" }, function(txn)
  local path = txn.sf:path() or "/"
  local code = strikes(status, path)
  if code then
    local reply = txn:reply({ status = tonumber(code), body = "answered by gameday\n" })
    reply:add_header("content-type", "text/plain")
    txn:done(reply)
    return
  end
  txn:set_var("txn.path", path)
end)

core.register_action("gameday_answer", { "http-res" }, function(txn)
  local path = txn:get_var("txn.path") or "/"
  local header = strikes(headers, path)
  if header then
    txn.http:res_del_header(header)
  end
  local rate = strikes(slow, path)
  if rate then
    txn:set_var("txn.slow", tonumber(rate))
  end
  local how = strikes(body, path)
  if how == "malformed" then
    local reply = txn:reply({ status = txn.sf:status(), body = MALFORMED })
    reply:add_header("content-type", txn.sf:res_hdr("content-type") or "application/json")
    txn:done(reply)
  elseif how then
    txn:set_var("txn.cut", tonumber(how))
  end
end)

-- Ends the connection once so many bytes of a body have passed, one or more: else the headers may be lost.
local Cut = { id = "gameday_cut", flags = filter.FLT_CFG_FL_HTX }
Cut.__index = Cut

function Cut:new()
  return setmetatable({ passed = 0 }, Cut)
end

function Cut:start_analyze(txn, channel)
  if channel:is_resp() then
    filter.register_data_filter(self, channel)
  end
end

function Cut:http_payload(txn, message)
  local most = txn:get_var("txn.cut")
  if most == nil then
    return
  end
  local left, here = most - self.passed, message:input()
  if here <= left then
    self.passed = self.passed + here
    return
  end
  if left > 0 then
    self.passed = most
    return left
  end
  error("the body is cut off here")  -- HAProxy ends both connections; a filter has no other way to ask for it
end

core.register_filter("gameday_cut", Cut, function(self, arguments)
  return self
end)
