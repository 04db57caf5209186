#include <ostream>

#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

struct AdminOptions {
  std::string settings;
  bool dry_run = false;
};

Ended run_admin(const Context& context, const Admin::Do& run, const AdminOptions& options) {
  const auto end = run(options.settings, options.dry_run, [&](std::string_view line) {
    if (!context.json) context.out << line << std::endl;
  });
  if (end.ended != Ended::Success) return refuse_as(context, end.ended, end.wrong);
  if (context.json) print_value(context, end.done);
  return Ended::Success;
}

void add_by_settings(Word& admin, const std::string& name, const std::string& about, const Admin::Do& run) {
  auto given = std::make_shared<AdminOptions>();
  const std::string example = "baton admin " + name + " --settings /etc/baton/conductor.toml";
  auto& word = admin.word({.name = name, .about = about, .examples = {example, example + " --dry-run"}},
                          [given, &run](const Context& context) { return run_admin(context, run, *given); });
  word.option("--settings", given->settings, "a conductor's settings file").are(Values::File).required();
  add_dry_run(word, given->dry_run);
}

}  // namespace

void add_admin_words(Word& baton, const Admin& admin) {
  auto& group = baton.group({.name = "admin",
                             .about = "for operators: connects to the servers itself",
                             .examples = {"baton admin migrate --settings /etc/baton/conductor.toml"}});
  group.asks_nobody();
  add_by_settings(group, "migrate", "make or upgrade the schema in Postgres", admin.migrate);
  add_by_settings(group, "topics", "make the topics in Kafka", admin.make_topics);
}

}  // namespace baton::client
