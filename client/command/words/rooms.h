#pragma once

#include "client/command/command_line.h"
#include "client/command/words/word.h"

/// The rooms of `baton`: each file here describes the words of one. To add a word:
///   1. write what it does in a file of its own: `Ended do_it(const Context&, const ItsOptions&)`;
///   2. describe it where its room is (<room>_words.cc): Word::word() with its name, one line about it and
///      examples that can be run as they stand, then its options; a new room is a file, a line below and one
///      in rooms.cc.
/// Its --help, its man page, what the shells complete and the tests of all words (tests/client/) come from
/// that. Options are read into a struct that the action holds:
///   auto given = std::make_shared<ItsOptions>();
///   auto& word = under.word({.name = …, .about = …, .examples = {…}}, [given](const Context& c) { … });
///   word.option("--limit", given->limit, "at most so many").between(1, 500);
/// What goes wrong is told by refuse… (refusal.h), with the Ended that everywhere.h has for it; what is asked
/// of the API is printed by ask_and_print (asking.h), so that --output holds for it.
namespace baton::client {

void add_job_words(Word& baton, const Local&);  // post list show watch history, and the orders: also in short
void add_order_words(Word& under, const Local&);  // suspend resume cancel rerun retry skip done
void add_flow_words(Word& baton);
void add_fleet_words(Word& baton);  // workers conductors left-alone
void add_hook_words(Word& baton);   // hooks: list of test retry
void add_admin_words(Word& baton, const Admin&);
void add_doctor_words(Word& baton, const Admin&);
void add_local_words(Word& baton, const Local&);  // run dev
void add_profile_words(Word& baton, const std::string& file);
void add_shell_words(Word& baton);  // completion help

/// All of them. `admin` and `local` must outlive the words.
void add_all_words(Word& baton, const Admin&, const Local&, const std::string& profiles_file);

// Options that several rooms have.
constexpr const char* kAnyJob = "3ab6c56f-6194-49d4-8aa3-bcd4c519ba02";  // of examples
Given& add_job(Word&, std::string& uuid);
void add_flow_values(Word&, std::vector<std::string>& parameters, std::vector<std::string>& store);
void add_run_options(Word&, RunOptions&);
void add_watch(Word&, int& every_s);
void add_dry_run(Word&, bool& dry_run);

}  // namespace baton::client
