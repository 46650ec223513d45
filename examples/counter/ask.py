"""The health check of the container: exit code 0 when a page answers 200."""

import sys
import urllib.error
import urllib.request

try:
    urllib.request.urlopen(sys.argv[1], timeout=2)
except (urllib.error.URLError, OSError) as error:
    sys.exit(str(error))
