"""The texts that are the same in every pack. They do not depend on the scenarios."""

from __future__ import annotations

from chaos.gameday.event_base import Role

# Real seconds; with three scenarios of 30 minutes the day takes two hours.
BRIEFING = 10 * 60.0
DEBRIEF = 20 * 60.0

DUTIES = {
    Role.FACILITATOR: (
        "leads the day, starts each scenario, gives hints, confirms expectations, and can stop everything"
    ),
    Role.COMMANDER: "leads the response: declares the severity, decides, escalates",
    Role.RESPONDER: "looks for the cause, follows the runbook, reports what helps and what is missing",
    Role.SCRIBE: "writes and sends the messages, keeps the timeline",
    Role.OBSERVER: "watches, predicts, takes notes for the debrief",
}

READING = (
    ("5 min", "This page: times, roles, stop word."),
    ("10 min", "The checklist for before the day. Do the first three points now."),
    ("10 min", "What you do on the control page."),
    ("15 min", "The sheet of each scenario: what breaks, what should happen, which hint helps."),
    ("5 min", "The debrief, and the words at the end."),
)

BEFORE = (
    "Set up the machine: make setup, then gameday doctor. Both must end without an error.",
    "Check the file of the day with gameday validate.",
    "Rehearse alone at pace 20: it takes a few minutes and shows each page once.",
    (
        "Invite the people and give each a role. Two people are enough: a commander who also "
        "sends messages, and a responder."
    ),
    "Send the page for participants to everybody. Do not send this guide.",
    (
        "Tell the people who are on call, and whoever could mistake an alert for a real one, "
        "when the exercise takes place."
    ),
    "Agree who stops the exercise when something real happens. The stop word is above.",
    "Have a screen that all can see for the debrief, or a video call with a shared screen.",
)
DURING = (
    "Start the day with the command above, and open the address of the facilitator first.",
    "Give each person the address of the role. The part behind # is secret.",
    "Read the rules and the stop word aloud. Wait until everybody has confirmed the test page.",
    "Before each scenario: ask for the predictions. They stay sealed until the debrief.",
    (
        "Press Play the next scenario. The stack starts, which takes a minute or two; then "
        "the scenario's time counts."
    ),
    "Watch, and say nothing about the cause. Note who is silent, and which page no one opens.",
    "Confirm an expectation with one press when you see it. One that expires is not met.",
    (
        "Give a hint when the plan says so, or when people have been stuck for five minutes "
        "and learn nothing more."
    ),
    "Hold the exercise when something real needs attention. Every clock stops until you resume.",
    "When you hear the stop word, press its button at once: everything is undone, and the day ends.",
)
AFTER = (
    "Press Reveal and debrief. The plan opens to everybody, and debrief.html is written.",
    "Debrief while it is fresh, with the questions of this guide.",
    "Write the post-mortem of the day, and complete its blanks with the team.",
    "Keep what was not met as findings, each with an owner and a due date.",
    "End the server with Ctrl-C, then run gameday clean. It must find nothing.",
    "Tell everyone who was informed about the exercise that it is over.",
)

CONTROLS = (
    ("Play the next scenario", "starts the stack and, once it is steady, the scenario's clock"),
    ("Skip it", "leaves the next scenario out"),
    ("Inject the next fault now", "injects the next planned fault before its time"),
    ("Hold, Resume", "stops and continues every clock; nothing is lost by a hold"),
    ("Play now, Skip", "plays a planned card or hint before its time, or leaves it out"),
    ("Play", "plays a card or a hint that you write yourself"),
    ("Met, Not met", "judges an expectation that you confirm"),
    ("Close the scenario", "ends it before its length is over"),
    ("the stop word: abort", "undoes everything at once and ends the day"),
    ("Reveal and debrief", "opens the plan and the debrief to everybody"),
)

QUESTIONS = (
    "What did each of us see first, and when? What did we think it was?",
    "Which alert helped? Which one was missing, late, or misleading?",
    "Where did we wait, and for what: a metric, a log, access, an owner, a runbook?",
    "Which step of the runbook did not work, or was not clear?",
    "Did the messages tell users in time what they needed to know?",
    "What would have halved the time to resolve this?",
    "What worked well and should stay as it is?",
    "What was awkward about the exercise itself?",
)

GLOSSARY = (
    ("steady state", "the system is healthy; measured before a fault is injected and again at the end"),
    ("inject", "a card or a hint that people receive during a scenario"),
    ("expectation", "something that should be done by a certain time; met, or not met"),
    ("pace", "how much time is compressed: at pace 20 a minute of the plan takes 3 seconds"),
    ("blind", "participants see neither the names nor the order of the scenarios before the debrief"),
)

HOW_IT_GOES = (
    "You meet in the lobby, confirm a test page, and hear the rules.",
    (
        "Before each scenario you predict: which alert comes first, after how many minutes, "
        "and what users will see. No one sees it before the debrief."
    ),
    (
        "Then something may happen at any time. You see what you would see in a real incident: alerts, "
        "health, graphs, messages, and the runbook of an alert."
    ),
    (
        "Respond as you would in a real incident, and enter what you do: noticed, acknowledged, "
        "declared, escalated, decided, stuck, mitigated, resolved."
    ),
    "Tick off each step of the runbook: worked, did not work, or skipped and why.",
    "In the debrief everybody sees everything: what was broken, what you did, and when.",
)
FAIR = (
    "This is a drill. Every message that leaves the team carries the word DRILL.",
    "No person is graded. The figures rate the exercise.",
    "When you are stuck, say so and say what is missing. That is a result, not a failure.",
    "Do not search the machine for the plan of the day.",
)
