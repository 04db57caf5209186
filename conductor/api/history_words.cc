#include "conductor/api/history_words.h"

#include <algorithm>

#include "common/model/name_list.h"

namespace baton::api {
namespace {

constexpr std::size_t kReasonBytesMax = 500;

std::string plan_of(const std::string& intention) {
  if (intention == to_string(Intention::Revert)) return "to be reverted";
  if (intention == to_string(Intention::Retry)) return "to be tried again";
  if (intention == to_string(Intention::Ignore)) return "left out: a decider said no";
  return "to be executed";
}

std::string words_of(const ports::HistoryRange& range, const std::string& intention) {
  const std::string count = std::to_string(range.atoms) + (range.atoms == 1 ? " atom" : " atoms");
  if (range.reset) return "PENDING again: " + count + " reset, " + plan_of(intention);
  return plan_of(intention) + " (" + count + ")";
}

std::string words_of(const ports::HistoryClaim& claim) {
  return "claimed by " + claim.conductor + " at epoch " + std::to_string(claim.epoch.generation) + "." +
         std::to_string(claim.epoch.lock_czxid);
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  return shown_name(text, kReasonBytesMax);
}

std::string words_of(const ports::HistoryOrder& taken) {
  const Order& order = taken.order;
  std::string words(to_string(order.kind));
  if (order.kind == OrderKind::Rerun && !order.keep) words += " anew";
  if (order.keep)
    words += order.kind == OrderKind::Rerun ? ", keeping what succeeded," : ", keeping what was done,";
  if (!order.atom.empty()) words += " of '" + order.atom + "'";
  words += " asked for by " + one_line(order.who);
  if (!order.why.empty()) words += ": " + one_line(order.why);
  if (!taken.no_effect.empty()) words += "; without effect: " + one_line(taken.no_effect);
  return words;
}

std::string text_in(const boost::json::object& object, const char* name) {
  const auto* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

/// ": Type: message" and " (note)", where there are such.
std::string reasons_of(const Value& data) {
  const auto tree = data.tree();
  const auto* object = tree.if_object();
  if (!object) return {};
  std::string text;
  if (const auto* failure = object->if_contains("failure"); failure && failure->is_object())
    text += ": " + text_in(failure->get_object(), "type") + ": " +
            one_line(text_in(failure->get_object(), "message"));
  if (const auto note = text_in(*object, "note"); !note.empty()) text += " (" + one_line(note) + ")";
  return text;
}

std::string words_of_retry(const boost::json::object& call) {
  const std::string words = "retry of hook " + one_line(text_in(call, "hook")) + " (" +
                            text_in(call, "event") + ") asked for by " + one_line(text_in(call, "who"));
  const std::string reason = text_in(call, "reason");
  return reason.empty() ? words : words + ": " + one_line(reason);
}

/// Of a hook's call that has ended once, or is ordered again; empty: the row is about something else.
std::string words_of_hook(const ports::HistoryRow& row) {
  const auto tree = row.seq == 0 ? row.data.tree() : boost::json::value();
  const auto* call = tree.if_object();
  if (!call || !call->contains("hook")) return {};
  const std::string outcome = text_in(*call, "outcome");
  if (outcome == "retry") return words_of_retry(*call);
  const auto* attempt = call->if_contains("attempt");
  std::string words = "hook " + one_line(text_in(*call, "hook")) + " called: " + text_in(*call, "event");
  if (attempt && attempt->is_int64() && attempt->get_int64() > 1)
    words += ", attempt " + std::to_string(attempt->get_int64());
  words += outcome == "done" ? "; taken" : outcome == "failed" ? "; failed" : "; failed, and given up";
  const std::string error = text_in(*call, "error");
  return error.empty() ? words : words + ": " + one_line(error);
}

}  // namespace

std::string words_of(const ports::HistoryRow& row) {
  if (auto hook = words_of_hook(row); !hook.empty()) return hook;
  if (row.range) return words_of(*row.range, row.intention);
  if (row.claim) return words_of(*row.claim);
  if (row.order) return words_of(*row.order);
  std::string words = row.state.empty() ? plan_of(row.intention) : row.state;
  if (!row.worker.empty()) words += " at " + row.worker;
  if (row.attempt > 1 && !row.state.empty()) words += ", attempt " + std::to_string(row.attempt);
  return words + reasons_of(row.data);
}

}  // namespace baton::api
