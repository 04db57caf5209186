#include "client/command/words/rooms.h"

namespace baton::client {

void add_doctor_words(Word& baton, const Admin& admin) {
  struct Options : DoctorOptions {
    int deadline_ms = static_cast<int>(deadline.count());
  };
  auto given = std::make_shared<Options>();
  auto& word = baton.word(
      {.name = "doctor",
       .about = "checks every server, setting, version and clock, and says what to do",
       .examples = {"baton doctor", "baton doctor --settings /etc/baton/conductor.toml",
                    "baton doctor --settings /etc/baton/conductor.toml --settings /etc/baton/worker.toml"},
       .details =
           "Asks the conductors, and with --settings also the servers that the file names, all at once. "
           "It changes nothing, and shows no password. A check is ok, a warning, wrong, or could not be "
           "looked at; for all but the first it says why that matters and what to do.\n\n"
           "Exit code 1: something is wrong; 3: nobody has answered at all. Warnings end with 0."},
      [given, &admin](const Context& context) {
        given->deadline = Millis(given->deadline_ms);
        return admin.doctor(context, *given);
      });
  word.options("--settings", given->settings,
               "a conductor's or worker's settings file: its servers are asked too")
      .are(Values::File);
  word.option("--deadline-ms", given->deadline_ms, "how long each answer is waited for")
      .between(100, 600'000);
}

}  // namespace baton::client
