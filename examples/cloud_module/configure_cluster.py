#!/usr/bin/env python3
"""The command task cluster.configure: JSON on stdin, JSON on stdout, exit code 0 for success.

stdin: {"arguments": {"cluster": NAME}, "idempotency_key": ..., "flow": ..., "atom": ..., "dispatch": ..., ...}
"""
import json
import os
import sys
import urllib.error
import urllib.request


def main():
    task = json.load(sys.stdin)
    cloud = os.environ.get("BATON_EXAMPLE_CLOUD", "127.0.0.1:27090")
    request = urllib.request.Request(
        "http://%s/clusters" % cloud, method="POST",
        data=json.dumps({"name": task["arguments"]["cluster"]}).encode(),
        headers={"Idempotency-Key": task["idempotency_key"],
                 "Fencing-Token": "%s/%s/%d" % (task["flow"], task["atom"], task["dispatch"])})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            print(json.dumps({"configured": json.load(answer)["name"]}))
    except (urllib.error.URLError, OSError) as error:
        print("the cloud at %s: %s" % (cloud, error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
