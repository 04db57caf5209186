#include "client/command/words/completion_script.h"

namespace baton::client {
namespace {

// bash cuts words at '=' and ':' and puts a candidate behind the last of them: words are put together again
// by what is between them in the line, and what stands before the last cut is taken off the candidates. Names
// are what posters have chosen: what the shell would take for more than a word is quoted (the others do so
// themselves).
constexpr const char* kBash = R"sh(# bash completion of baton: eval "$(baton completion bash)"
_baton() {
  local rest=$COMP_LINE words=() i line candidate before
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if [[ $i == 0 || $rest == [[:space:]]* ]]; then
      words+=("${COMP_WORDS[i]}")
      rest=${rest#"${rest%%[![:space:]]*}"}
    else
      words[${#words[@]}-1]+=${COMP_WORDS[i]}
    fi
    rest=${rest#"${COMP_WORDS[i]}"}
  done
  local word=${words[${#words[@]}-1]}
  before=${word%"${word##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "${word#"$before"}")
      continue
    fi
    candidate=${line%%$'\t'*}
    [[ $candidate == *= ]] && compopt -o nospace 2>/dev/null
    candidate=${candidate#"$before"}
    [[ $candidate == *[!A-Za-z0-9_./:=,@%+-]* ]] && printf -v candidate %q "$candidate"
    COMPREPLY+=("$candidate")
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _baton baton
)sh";

constexpr const char* kZsh = R"sh(#compdef baton
# zsh completion of baton: as _baton in a folder of $fpath, or eval "$(baton completion zsh)"
_baton() {
  local line name files=0
  local -a described begun
  for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      files=1
    elif [[ -n $line ]]; then
      name=${${line%%$'\t'*}//:/\\:}
      if [[ $name == *= ]]; then
        begun+=("$name:${line#*$'\t'}")
      else
        described+=("$name:${line#*$'\t'}")
      fi
    fi
  done
  (( ${#described} )) && _describe baton described
  (( ${#begun} )) && _describe baton begun -S ''
  (( files )) && _files
  return 0
}
if [ "$funcstack[1]" = _baton ]; then _baton "$@"; else compdef _baton baton; fi
)sh";

constexpr const char* kFish = R"sh(# fish completion of baton: baton completion fish | source
function __baton_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l word (commandline -ct)
    for line in ($program __complete $words "$word" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$word"
        else
            echo $line
        end
    end
end
complete -c baton -f -a '(__baton_complete)'
)sh";

}  // namespace

std::optional<std::string> completion_script(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return std::nullopt;
}

}  // namespace baton::client
