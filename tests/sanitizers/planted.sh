#!/bin/sh
# planted.sh PROGRAM KIND: PROGRAM's fault is reported and ends it as tests/sanitizers/defaults.cc says, with nothing around it.
report=$(env -i "$1" "$2" 2>&1)
code=$?
case $code$report in
  66*Sanitizer:* | 66*"runtime error:"*) exit 0 ;;
esac
echo "exit code $code, not 66 after a report:"
echo "$report"
exit 1
