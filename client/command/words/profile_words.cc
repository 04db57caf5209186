#include "client/command/profile_commands.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

struct UseOptions {
  std::string name;
  bool dry_run = false;
};

}  // namespace

void add_profile_words(Word& baton, const std::string& file) {
  auto& profile =
      baton.group({.name = "profile",
                   .about = "clusters by name: list, show, use",
                   .examples = {"baton profile list", "baton list --profile production"},
                   .details = "The file of profiles says where the conductors of each cluster are:\n\n"
                              "default: test\n\nprofiles: {test: {api: [127.0.0.1:27080]}, production: {api: "
                              "[a.example:27080, b.example:27080]}}\n\nNo secret belongs into it."});
  profile.asks_nobody();
  profile.word({.name = "list", .about = "the clusters that have a name", .examples = {"baton profile list"}},
               [file](const Context& context) { return list_profiles(context, file); });
  auto name = std::make_shared<std::string>();
  profile
      .word({.name = "show",
             .about = "where a cluster's conductors are",
             .examples = {"baton profile show", "baton profile show production"}},
            [name, file](const Context& context) { return show_profile(context, file, *name); })
      .argument("name", *name, "the default one if missing")
      .are(Values::Profile);
  auto given = std::make_shared<UseOptions>();
  auto& use = profile.word(
      {.name = "use", .about = "make a profile the default", .examples = {"baton profile use production"}},
      [given, file](const Context& context) {
        return use_profile(context, file, given->name, given->dry_run);
      });
  use.argument("name", given->name, "which").are(Values::Profile).required();
  use.flag("--dry-run", given->dry_run, "only say what would be done");
}

}  // namespace baton::client
