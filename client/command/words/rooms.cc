#include "client/command/words/rooms.h"

namespace baton::client {

void add_all_words(Word& baton, const Admin& admin, const Local& local, const std::string& profiles_file) {
  add_job_words(baton, local);
  add_flow_words(baton);
  add_fleet_words(baton);
  add_hook_words(baton);
  add_local_words(baton, local);
  add_admin_words(baton, admin);
  add_doctor_words(baton, admin);
  add_profile_words(baton, profiles_file);
  add_shell_words(baton);
}

Given& add_job(Word& word, std::string& uuid) {
  return word.argument("uuid", uuid, "the job's uuid").are(Values::Job);
}

void add_watch(Word& word, int& every_s) {
  word.flag_or_number("--watch", 2, every_s,
                      "show it again whenever it has changed; looks every 2 s, or every so many")
      .between(1, 3600);
}

void add_dry_run(Word& word, bool& dry_run) {
  word.flag("--dry-run", dry_run, "only say what would be done: all is checked, nothing is changed");
}

void add_flow_values(Word& word, std::vector<std::string>& parameters, std::vector<std::string>& store) {
  word.options("--param,-p", parameters, "a parameter; lists as a,b,c or JSON").are(Values::Parameter);
  word.options("--store", store, "an initial symbol").are(Values::Pair);
}

}  // namespace baton::client
