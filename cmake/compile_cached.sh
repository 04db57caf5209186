#!/bin/sh
# ccache's way to the compiler. An old precompiled header is taken away first: ccache would read it in place of the headers
# that it is made of, and keep an answer that fits any of them. The namespace leaves such answers of earlier builds behind.
for word; do
  case $word in *.gch)
    rm -f "$word"
    export CCACHE_NAMESPACE=baton-headers ;;
  esac
done
exec ccache "$@"
