#!/bin/sh
# ccache's way to the compiler. An old precompiled header is taken away first: ccache would read it in place of the headers
# that it is made of, find its own older answer, and every later file would be compiled against headers of yesterday.
for word; do
  case $word in *.gch) rm -f "$word" ;; esac
done
exec ccache "$@"
