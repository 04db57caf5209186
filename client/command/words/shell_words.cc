#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/completion.h"
#include "client/command/refusal.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

Ended print_completion(const Context& context, const std::string& shell) {
  const auto script = completion_script(shell);
  if (!script) return refuse_usage(context, "bash, zsh or fish, not '" + shell + "'");
  if (context.json)
    context.out << boost::json::serialize(boost::json::object{{"shell", shell}, {"script", *script}}) << '\n';
  else
    context.out << *script;
  return Ended::Success;
}

}  // namespace

void add_shell_words(Word& baton) {
  auto shell = std::make_shared<std::string>();
  baton
      .word({.name = "completion",
             .about = "prints a completion script for a shell",
             .examples = {"baton completion bash"}},
            [shell](const Context& context) { return print_completion(context, *shell); })
      .argument("shell", *shell, "which")
      .such_as({"bash", "zsh", "fish"})
      .required();
}

}  // namespace baton::client
