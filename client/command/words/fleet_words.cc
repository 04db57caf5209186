#include "client/command/commands.h"
#include "client/command/words/rooms.h"

namespace baton::client {

void add_fleet_words(Word& baton) {
  const auto add = [&](const std::string& name, const std::string& about,
                       Ended (*list)(const Context&, int)) {
    auto watch_s = std::make_shared<int>(0);
    auto& word = baton.word(
        {.name = name, .about = about, .examples = {"baton " + name, "baton " + name + " --watch"}},
        [list, watch_s](const Context& context) { return list(context, *watch_s); });
    add_watch(word, *watch_s);
  };
  add("workers", "who runs tasks, and how busy", list_workers);
  add("conductors", "who walks flows", list_conductors);
  add("left-alone", "jobs that nobody here can run, or that are parked, and why", list_left_alone);
}

}  // namespace baton::client
