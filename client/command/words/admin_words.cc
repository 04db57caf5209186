#include <ostream>

#include "client/command/age_text.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

struct AdminOptions {
  std::string settings, older_than;
  bool dry_run = false;
};

constexpr const char* kSettingsAbout = "a conductor's settings file";

Ended run_admin(const Context& context, const std::function<AdminEnd(const Admin::Say&)>& run) {
  const auto end = run([&](std::string_view line) {
    if (!context.json) context.out << line << std::endl;
  });
  if (end.ended != Ended::Success) return refuse_as(context, end.ended, end.wrong);
  if (context.json) print_value(context, end.done);
  return Ended::Success;
}

void add_by_settings(Word& admin, const std::string& name, const std::string& about, const Admin::Do& run,
                     const std::string& details = {}) {
  auto given = std::make_shared<AdminOptions>();
  const std::string example = "baton admin " + name + " --settings /etc/baton/conductor.toml";
  auto& word = admin.word(
      {.name = name, .about = about, .examples = {example, example + " --dry-run"}, .details = details},
      [given, &run](const Context& context) {
        return run_admin(context,
                         [&](const Admin::Say& say) { return run(given->settings, given->dry_run, say); });
      });
  word.option("--settings", given->settings, kSettingsAbout).are(Values::File).required();
  add_dry_run(word, given->dry_run);
}

Ended prune(const Context& context, const Admin::Prune& run, const AdminOptions& given) {
  const auto age = age_of(given.older_than);
  if (!age) return refuse_usage(context, "--older-than " + given.older_than + ": " + kAgeForm);
  return run_admin(context,
                   [&](const Admin::Say& say) { return run(given.settings, *age, given.dry_run, say); });
}

constexpr const char* kPruneDetails =
    "Jobs that ended before then go, with their tasks, their results and the calls of hooks "
    "that were made of them: not those that a person has ordered to run again, nor those with a "
    "call of a hook that is still to be made, nor those whose node may still be on the board. "
    "Their history goes by whole weeks, each as soon as no job that stays has any in it; of a "
    "week that has to stay the rows of the others go. Stored flow files stay.\n\n"
    "Everything is done in small steps, beside conductors at work; what is stopped half way the "
    "next one finishes. A uuid that is posted again afterwards is a new job: keep jobs for "
    "longer than posters try again, and than backups of ZooKeeper are old.\n\n"
    "With --output json 'stay' says how many jobs of that age stay, and one of them, by why: 'busy' (held by "
    "another session, or over only since the prune began), 'on_board', 'for_order' and 'for_call'.";

void add_prune(Word& admin, const Admin::Prune& run) {
  auto given = std::make_shared<AdminOptions>();
  auto& word = admin.word(
      {.name = "prune",
       .about = "remove jobs that ended long ago, and their history",
       .examples = {"baton admin prune --settings /etc/baton/conductor.toml --older-than 30d --dry-run",
                    "baton admin prune --settings /etc/baton/conductor.toml --older-than 12w"},
       .details = kPruneDetails},
      [given, &run](const Context& context) { return prune(context, run, *given); });
  word.option("--settings", given->settings, kSettingsAbout).are(Values::File).required();
  word.option("--older-than", given->older_than, "how long ago they must have ended: 36h, 30d, 12w")
      .required();
  add_dry_run(word, given->dry_run);
}

constexpr const char* kShardsDetails =
    "Over how many folders a board is spread is noted in ZooKeeper, beside the board's id: a conductor with "
    "another conductor.board_shards claims nothing and says so. Write the number into the settings of all, "
    "end all conductors, run this, start them again.\n\n"
    "It is refused, and says why, while a conductor is there, and while jobs stand in folders that would not "
    "be listed any more: those are brought to their end first, by conductors with the number of before. A "
    "board that nobody has used yet takes the number of the first conductor.";

}  // namespace

void add_admin_words(Word& baton, const Admin& admin) {
  auto& group = baton.group({.name = "admin",
                             .about = "for operators: connects to the servers itself",
                             .examples = {"baton admin migrate --settings /etc/baton/conductor.toml"}});
  group.asks_nobody();
  add_by_settings(group, "migrate", "make or upgrade the schema in Postgres", admin.migrate);
  add_by_settings(group, "topics", "make the topics in Kafka", admin.make_topics);
  add_prune(group, admin.prune);
  add_by_settings(group, "shards", "spread the board over conductor.board_shards folders",
                  admin.change_shards, kShardsDetails);
}

}  // namespace baton::client
