#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/refusal.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

Ended run_admin(const Context& context, const Admin::Do& run, const std::string& settings_file) {
  const auto end = run(settings_file, [&](std::string_view line) {
    if (!context.json) context.out << line << std::endl;
  });
  if (end.ended != Ended::Success) return refuse_as(context, end.ended, end.wrong);
  if (context.json) context.out << boost::json::serialize(end.done) << '\n';
  return Ended::Success;
}

void add_by_settings(Word& admin, const std::string& name, const std::string& about, const Admin::Do& run) {
  auto file = std::make_shared<std::string>();
  admin
      .word({.name = name,
             .about = about,
             .examples = {"baton admin " + name + " --settings /etc/baton/conductor.toml"}},
            [file, &run](const Context& context) { return run_admin(context, run, *file); })
      .option("--settings", *file, "a conductor's settings file")
      .are(Values::File)
      .required();
}

}  // namespace

void add_admin_words(Word& baton, const Admin& admin) {
  auto& group = baton.group({.name = "admin",
                             .about = "for operators: connects to the servers itself",
                             .examples = {"baton admin migrate --settings /etc/baton/conductor.toml"}});
  add_by_settings(group, "migrate", "make or upgrade the schema in Postgres", admin.migrate);
  add_by_settings(group, "topics", "make the topics in Kafka", admin.make_topics);
}

}  // namespace baton::client
