#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/words/completion_script.h"
#include "client/command/words/help_text.h"
#include "client/command/words/man_page.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

struct HelpOptions {
  std::vector<std::string> words;
  bool man = false;
  std::string into;  // a folder
};

Ended print_completion(const Context& context, const std::string& shell) {
  const auto script = completion_script(shell);
  if (!script) return refuse_usage(context, "bash, zsh or fish, not '" + shell + "'");
  if (context.json)
    print_value(context, boost::json::object{{"shell", shell}, {"script", *script}});
  else
    context.out << *script;
  return Ended::Success;
}

bool write_page(const Word& word, const std::filesystem::path& folder) {
  std::ofstream file(folder / man_page_name(word), std::ios::trunc);
  file << man_page(word);
  return file.flush().good();
}

/// One of each word that has one; false: not all could be written.
bool write_pages(const Word& word, const std::filesystem::path& folder) {
  if (!word.stands_for().empty()) return true;
  bool written = write_page(word, folder);
  for (const auto& next : word.words()) written = written && write_pages(*next, folder);
  return written;
}

Ended write_all_pages(const Context& context, const Word& baton, const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!failed && write_pages(baton, folder)) return Ended::Success;
  return refuse_usage(context, "cannot write man pages into '" + folder + "'" +
                                   (failed ? ": " + failed.message() : "") +
                                   "\n  hint: name a folder that is yours");
}

Ended print_help(const Context& context, const Word& baton, const HelpOptions& options) {
  if (!options.into.empty()) return write_all_pages(context, baton, options.into);
  const Word* word = &baton;
  for (const auto& name : options.words) {
    const auto* next = word->find(name);
    if (!next) return refuse_usage(context, unknown_word(*word, name));
    word = next;
  }
  const auto text = options.man ? man_page(*word) : help_text(*word);
  if (context.json)
    print_value(context, boost::json::object{{"word", word->path()}, {options.man ? "man" : "help", text}});
  else
    context.out << text;
  return Ended::Success;
}

void add_help(Word& baton) {
  auto given = std::make_shared<HelpOptions>();
  auto& help =
      baton.word({.name = "help",
                  .about = "the help of a word, or its man page",
                  .examples = {"baton help job post", "baton help job post --man | man -l -"}},
                 [given, &baton](const Context& context) { return print_help(context, baton, *given); });
  help.arguments("word", given->words, "as it is written behind baton; none: baton itself");
  help.flag("--man", given->man, "its man page, as man -l reads it");
  help.option("--into", given->into, "write the man pages of all words into this folder").are(Values::File);
  help.asks_nobody();
}

}  // namespace

void add_shell_words(Word& baton) {
  auto shell = std::make_shared<std::string>();
  auto& completion =
      baton.word({.name = "completion",
                  .about = "prints a completion script for a shell",
                  .examples = {"baton completion bash > ~/.local/share/bash-completion/completions/baton",
                               "baton completion zsh > ~/.zfunc/_baton    # a folder of $fpath",
                               "baton completion fish > ~/.config/fish/completions/baton.fish"}},
                 [shell](const Context& context) { return print_completion(context, *shell); });
  completion.argument("shell", *shell, "which").such_as({"bash", "zsh", "fish"}).required();
  completion.asks_nobody();
  add_help(baton);
}

}  // namespace baton::client
