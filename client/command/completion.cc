#include "client/command/completion.h"

namespace baton::client {
namespace {

constexpr const char* kWords =
    "run dev post list show watch history suspend resume cancel rerun retry skip done job workers conductors "
    "left-alone flow admin "
    "completion";

}  // namespace

std::optional<std::string> completion_script(const std::string& shell) {
  const std::string words = kWords;
  const std::string nested =
      "job) echo post list show watch history suspend resume cancel rerun retry skip done ;; flow) echo "
      "validate "
      "graph plan schema list show ;; admin) echo "
      "migrate topics ;; "
      "completion) echo bash zsh fish ;;";
  const std::string bash =
      "_baton_words() { case \"$1\" in " + nested + " *) echo " + words +
      " --output --api --help --version ;; esac; }\n"
      "_baton() { COMPREPLY=($(compgen -W \"$(_baton_words \"${COMP_WORDS[COMP_CWORD-1]}\")\" -- "
      "\"${COMP_WORDS[COMP_CWORD]}\")); }\ncomplete -F _baton baton\n";
  if (shell == "bash") return bash;
  if (shell == "zsh") return "autoload -Uz bashcompinit && bashcompinit\n" + bash;
  if (shell != "fish") return std::nullopt;
  return "complete -c baton -f\ncomplete -c baton -n __fish_use_subcommand -a '" + words +
         "'\n"
         "complete -c baton -n '__fish_seen_subcommand_from job' -a 'post list show watch history suspend "
         "resume cancel rerun retry skip done'\n"
         "complete -c baton -n '__fish_seen_subcommand_from flow' -a 'validate graph plan schema list show'\n"
         "complete -c baton -n '__fish_seen_subcommand_from admin' -a 'migrate topics'\n"
         "complete -c baton -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n";
}

}  // namespace baton::client
