"""Asks the server door for a task and runs what it finds, with nothing but HTTP.

    L4_TOKEN=l4_... python3 lookup.py URL WORDS TYPE ARGS
    L4_TOKEN=l4_... python3 lookup.py http://127.0.0.1:7788 "add two numbers" "(int, int) -> int" "[3 4]"

Prints the value and exits with 0; prints why there is none and exits with 1.
"""

import json
import os
import sys
import urllib.error
import urllib.request


def ask(url, verb, body):
    request = urllib.request.Request(
        f"{url}/v1/{verb}",
        data=json.dumps(body).encode(),
        headers={"authorization": "Bearer " + os.environ["L4_TOKEN"], "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as refused:
        failure = json.load(refused)
        sys.exit(f"{failure['code']}: {failure['message']}")


def main(url, words, type_text, arguments):
    answer = ask(url, "lookup", {"request": {"instruction": words, "interface": type_text}, "args": arguments})
    if answer["kind"] == "miss":
        sys.exit(f"miss, {answer['reason']}: {answer['why']}")
    outcome = answer["outcome"]
    if outcome["kind"] != "returned":
        sys.exit(f"the run ended as {outcome['kind']}")
    print(outcome["value"])


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
