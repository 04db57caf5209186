#include "flowfile/grammar.h"

#include <algorithm>
#include <array>

#include "flowfile/limits.h"

namespace baton::flowfile {
namespace {

using Names = std::string_view;

constexpr std::int64_t kPriorityMax = 1'000'000;

constexpr std::array<Names, 3> kPatterns{"linear", "unordered", "graph"};
constexpr std::array<Names, 7> kPolicies{
    "times", "for_each", "parameterized_for_each", "always_revert", "always_revert_all", "timeout", "user"};
constexpr std::array<Names, 2> kExhausted{"revert", "suspend"};
constexpr std::array<Names, 4> kDepths{"all", "flow", "neighbors", "atom"};
constexpr std::array<Names, 2> kLoss{"redeliver", "fail"};
constexpr std::array<Names, 2> kRevertFailure{"stop", "continue"};
constexpr std::array<Names, 7> kTypes{"any", "string", "integer", "number", "boolean", "list", "object"};

constexpr Rule kNameRule{"name", Form::Name, "what it is called; a task's name is unique in the whole flow",
                         true};
constexpr Rule kDescription{"description", Form::Text, "for people"};
constexpr Rule kPattern{
    .name = "pattern",
    .form = Form::Choice,
    .about =
        "linear: one after the other; unordered: all at once; graph: as symbols and links "
        "say",
    .required = true,
    .choices = kPatterns};
constexpr Rule kRetryRule{"retry", Form::Retry, "what happens when something inside fails"};
constexpr Rule kNodes{"nodes", Form::Nodes, "tasks, flows and includes, in order", true};
constexpr Rule kLinks{"links", Form::Links, "of a graph flow: what comes before what"};
constexpr Rule kForEach{"for_each", Form::ForEach,
                        "{name: list}: this node once for each item, which is $name inside"};
constexpr Rule kWidth{"width",
                      Form::Integer,
                      "of for_each in an unordered flow: at most so many at once",
                      false,
                      1,
                      static_cast<std::int64_t>(kWidthMax)};
constexpr Rule kWhen{
    "when", Form::Condition,
    "only then: a boolean or {equals, in, not, all, any} over parameters; in graph flows also "
    "{result_of, equals}"};
constexpr Rule kRequires{"requires", Form::Texts, "arguments that come from symbols of the same name"};
constexpr Rule kRebind{"rebind", Form::TextMap, "argument: the symbol that it comes from"};
constexpr Rule kProvidesRule{
    "provides", Form::Provides,
    "the symbol that the result becomes; [a, b]: its items; {keys: [a, b]}: its members"};

constexpr std::array kFlowRules{kNameRule, kDescription, kPattern, kRetryRule, kNodes, kLinks};
constexpr std::array kFileRules{
    kNameRule,
    kDescription,
    Rule{"parameters", Form::Parameters, "name: {type, items, default, description}"},
    kPattern,
    kRetryRule,
    kNodes,
    kLinks};
constexpr std::array kTaskRules{
    Rule{"task", Form::Name, "the task type, as workers advertise it", true},
    kNameRule,
    kDescription,
    kRequires,
    kRebind,
    Rule{"revert_requires", Form::Texts, "arguments of the revert, where it takes others"},
    kProvidesRule,
    Rule{"inject", Form::Values, "arguments with their values"},
    Rule{"labels", Form::TextMap, "what the worker must carry"},
    Rule{"timeouts", Form::Timeouts, "how long it may take"},
    Rule{"priority", Form::Integer, "among tasks that are ready: higher first", false, -kPriorityMax,
         kPriorityMax},
    Rule{.name = "on_worker_loss",
         .form = Form::Choice,
         .about = "whether another worker gets it when its worker is lost",
         .choices = kLoss},
    Rule{"max_deliveries", Form::Integer, "workers that may be lost with it", false, 1, 1'000'000'000},
    Rule{"irreversible", Form::Boolean, "a rollback stops here"},
    Rule{.name = "on_revert_failure",
         .form = Form::Choice,
         .about = "whether the rollback goes on when this cannot be reverted",
         .choices = kRevertFailure},
    kForEach,
    kWidth,
    kWhen};
constexpr std::array kNestedRules{Rule{"flow", Form::Flow, "a flow inside this one", true}, kForEach, kWidth,
                                  kWhen};
constexpr std::array kIncludeRules{Rule{"include", Form::Path, "a flow file, beside this one", true},
                                   Rule{"parameters", Form::Values, "its parameters"}, kForEach, kWidth,
                                   kWhen};
constexpr std::array kRetryRules{
    Rule{.name = "policy",
         .form = Form::Choice,
         .about = "how it tries again",
         .required = true,
         .choices = kPolicies},
    Rule{"name", Form::Name, "the flow's name and _retry, unless told"},
    Rule{"attempts", Form::Integer, "of times, timeout, user", false, 1, 2'147'483'647},
    Rule{"values", Form::List, "of for_each: one an attempt"},
    Rule{"revert_all", Form::Boolean, "when it gives up: revert the flow around, too"},
    kProvidesRule,
    kRequires,
    kRebind,
    Rule{"backoff", Form::Backoff, "a pause before each further attempt"},
    Rule{"retry_on", Form::Texts, "only failures of these types"},
    Rule{"budget", Form::Duration, "no further attempt later than this after the first failure"},
    Rule{"budget_ms", Form::Integer, "the same in milliseconds", false, 1, kMillisMax},
    Rule{.name = "on_exhausted",
         .form = Form::Choice,
         .about = "when no attempt is left: revert, or suspend and wait for a person",
         .choices = kExhausted},
    Rule{"user_policy", Form::Name, "of user: the module's policy"},
    Rule{"parameters", Form::Anything, "of user: what the policy is given"}};
constexpr std::array kLinkRules{
    Rule{"from", Form::Name, "a node of this flow", true}, Rule{"to", Form::Name, "the one behind it", true},
    Rule{"when", Form::Decider, "whether what is behind it runs"},
    Rule{.name = "depth", .form = Form::Choice, .about = "how far a no reaches", .choices = kDepths}};
constexpr std::array kDeciderRules{Rule{"result_of", Form::Name, "a task's or retry's name"},
                                   Rule{"equals", Form::Anything, "the result that means yes"},
                                   Rule{"const", Form::Boolean, "always this"},
                                   Rule{"raise", Form::Boolean, "fails: for tests"},
                                   Rule{.name = "depth",
                                        .form = Form::Choice,
                                        .about = "of a node's when: how far a no reaches",
                                        .choices = kDepths}};

constexpr std::array kTimeoutRules{
    Rule{"schedule_to_start", Form::Duration, "until a worker has begun"},
    Rule{"schedule_to_start_ms", Form::Integer, "the same in milliseconds", false, 1, kMillisMax},
    Rule{"start_to_close", Form::Duration, "from then to its end"},
    Rule{"start_to_close_ms", Form::Integer, "the same in milliseconds", false, 1, kMillisMax},
    Rule{"heartbeat", Form::Duration, "without a sign of life"},
    Rule{"heartbeat_ms", Form::Integer, "the same in milliseconds", false, 1, kMillisMax},
    Rule{"abandon_after", Form::Duration, "for a task that is told to end"},
    Rule{"abandon_after_ms", Form::Integer, "the same in milliseconds", false, 1, kMillisMax}};
constexpr std::array kBackoffRules{
    Rule{"initial", Form::Duration, "the first pause"},
    Rule{"initial_ms", Form::Integer, "the same in milliseconds", false, 1, kMillisMax},
    Rule{"factor", Form::Decimal, "each pause is so much longer than the one before", false, 1, 1000},
    Rule{"cap", Form::Duration, "the longest pause"},
    Rule{"cap_ms", Form::Integer, "the same in milliseconds", false, 1, kMillisMax},
    Rule{"jitter", Form::Decimal, "the share of a pause that is chance", false, 0, 1}};
constexpr std::array kParameterRules{
    Rule{.name = "type", .form = Form::Choice, .about = "any, unless told", .choices = kTypes},
    Rule{.name = "items", .form = Form::Choice, .about = "of a list: what it holds", .choices = kTypes},
    Rule{"default", Form::Anything, "without one it must be given"}, kDescription};
constexpr std::array kProvidesRules{Rule{"keys", Form::Texts, "members of the result, each a symbol", true}};

}  // namespace

std::string_view wanted(Form form) {
  switch (form) {
    case Form::Name:
    case Form::Text:
    case Form::Path:
    case Form::Duration:
    case Form::Choice:
      return "a text";
    case Form::Texts:
    case Form::List:
    case Form::Nodes:
    case Form::Links:
      return "a list";
    case Form::Integer:
      return "a whole number";
    case Form::Decimal:
      return "a number";
    case Form::Boolean:
      return "true or false";
    case Form::TextMap:
    case Form::Values:
    case Form::Flow:
    case Form::Retry:
    case Form::Timeouts:
    case Form::Backoff:
    case Form::Decider:
    case Form::ForEach:
    case Form::Parameters:
      return "a mapping";
    case Form::Condition:
      return "a condition";
    case Form::Provides:
    case Form::Anything:
      return "a value";
  }
  return "a value";
}

namespace shapes {
const Shape kFile{"a flow file", kFileRules};
const Shape kFlow{"a flow", kFlowRules};
const Shape kTask{"a task", kTaskRules};
const Shape kNested{"a flow inside a flow", kNestedRules};
const Shape kInclude{"an include", kIncludeRules};
const Shape kRetry{"a retry", kRetryRules};
const Shape kLink{"a link", kLinkRules};
const Shape kDecider{"a condition", kDeciderRules};
const Shape kTimeouts{"timeouts", kTimeoutRules};
const Shape kBackoff{"a backoff", kBackoffRules};
const Shape kParameter{"a parameter", kParameterRules};
const Shape kProvides{"provides", kProvidesRules};
}  // namespace shapes

const Rule* Shape::find(std::string_view name) const {
  const auto found =
      std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.name == name; });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace baton::flowfile
