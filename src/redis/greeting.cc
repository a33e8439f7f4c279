#include "redis/greeting.h"

#include <fmt/format.h>

#include "redis/mend.h"

namespace spillway::redis {
namespace {

constexpr std::size_t kQuotedMax = 200;  // of an error text that we did not write

// The value of `key:` in the lines of INFO.
std::string_view info_value(std::string_view info, std::string_view key) {
  while (!info.empty()) {
    const std::size_t end = info.find("\r\n");
    const std::string_view line = info.substr(0, end);
    if (line.starts_with(key) && line.substr(key.size()).starts_with(':')) {
      return line.substr(key.size() + 1);
    }
    info = end == std::string_view::npos ? std::string_view() : info.substr(end + 2);
  }
  return {};
}

}  // namespace

Greeting::Greeting(const Url& url, const std::string& client_name, Role role)
    : where_("Redis at " + display(url)) {
  if (!url.password.empty()) {
    Command auth("AUTH");
    if (!url.user.empty()) auth.arg(url.user);
    add(Step::kAuth, auth.arg(url.password));
  }
  if (url.database != 0) add(Step::kSelect, Command("SELECT").arg(url.database));
  if (!client_name.empty()) add(Step::kName, Command("CLIENT").arg("SETNAME").arg(client_name));
  add(Step::kPing, Command("PING"));  // INFO and SELECT answer while the data is still loading
  if (role == Role::kMaster) add(Step::kRole, Command("ROLE"));
  add(Step::kInfo, Command("INFO").arg("server"));
}

void Greeting::add(Step step, const Command& command) {
  steps_.push_back(step);
  bytes_.append(command.bytes());
}

Result<std::optional<Connected>> Greeting::receive(const Reply& reply) {
  if (answered_ == steps_.size()) return Error{where_ + " sent an answer that nobody asked for"};
  const Step step = steps_[answered_++];
  const std::string_view error = reply.error_text().substr(0, kQuotedMax);
  if (reply.is_error() && refused_whole(error)) {
    return Error{fmt::format("{} {} ({})", where_, mend(error), error)};
  }
  switch (step) {
    case Step::kAuth:
      if (!reply.is_error()) break;
      return Error{fmt::format("{} refused the login: check user and password in the URL ({})",
                               where_, error)};
    case Step::kSelect:
      if (!reply.is_error()) break;
      return Error{
          fmt::format("{} refused the database: name another one in the URL ({})", where_, error)};
    case Step::kName:
      break;  // only for those who look with CLIENT LIST
    case Step::kPing:
      if (!reply.is_error()) break;
      return Error{fmt::format("{} refused PING: allow it to this user ({})", where_, error)};
    case Step::kRole:
      if (reply.is_error()) {
        return Error{fmt::format("{} refused ROLE: allow it to this user ({})", where_, error)};
      }
      if (reply[0].text() == "master") break;
      return Error{fmt::format(
          "{} is no master, though a Sentinel says so: wait for the end of the fail-over, or mend "
          "what the Sentinels watch (its role is {})",
          where_, reply[0].text().substr(0, kQuotedMax))};
    case Step::kInfo:
      return finish(reply);
  }
  return std::optional<Connected>();
}

Result<std::optional<Connected>> Greeting::finish(const Reply& info) {
  Connected connected{std::string(info_value(info.text(), "run_id")),
                      std::string(info_value(info.text(), "redis_version"))};
  if (connected.run_id.empty()) {
    const std::string_view why = info.is_error() ? info.error_text() : "no run_id in the answer";
    return Error{fmt::format("{} refused INFO server: allow it to this user ({})", where_,
                             why.substr(0, kQuotedMax))};
  }
  return std::optional<Connected>(std::move(connected));
}

}  // namespace spillway::redis
