#include "client/command/asking.h"
#include "client/command/printing.h"

#include <boost/system/system_error.hpp>
#include <ostream>
#include <sstream>
#include <stdexcept>

#include "client/command/refusal.h"
#include "client/command/terminal_text.h"

namespace baton::client {

std::variant<Answer, Ended> ask(const Context& context, const std::string& target, const char* member) {
  return checked(context, context.http.get(target), member);
}

std::variant<Answer, Ended> checked(const Context& context, Result<Answer, Unreachable> answer,
                                    const char* member) {
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200) return refuse(context, *answer);
  if (!answer->body.is_object() || !answer->body.get_object().contains(member))
    return refuse_shape(context, *answer);
  return std::move(answer).value();
}

Ended read(const Context& context, const Answer& answer,
           const std::function<void(const boost::json::value&)>& take) {
  try {
    take(answer.body);
  } catch (const std::logic_error&) {  // as_array(), at(), …
    return refuse_shape(context, answer);
  } catch (const boost::system::system_error&) {  // a number that does not fit
    return refuse_shape(context, answer);
  }
  return Ended::Success;
}

Ended print(const Context& context, const Answer& answer,
            const std::function<void(std::ostream&, const boost::json::value&)>& write) {
  std::ostringstream text;
  const auto ended = read(context, answer, [&](const boost::json::value& body) {
    if (context.json)
      write(text, body);
    else
      write(text, for_terminal(body));
  });
  if (ended == Ended::Success) context.out << text.str() << std::flush;
  return ended;
}

Ended ask_and_print(const Context& context, const std::string& target, const char* member,
                    const std::function<void(std::ostream&, const boost::json::value&)>& write) {
  const auto asked = ask(context, target, member);
  if (const auto* ended = std::get_if<Ended>(&asked)) return *ended;
  if (!context.json) return print(context, std::get<Answer>(asked), write);
  print_value(context, std::get<Answer>(asked).body);
  return Ended::Success;
}

}  // namespace baton::client
