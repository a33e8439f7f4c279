#include <fmt/core.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

#include "balancer/live_rooms.h"
#include "balancer/plan_json.h"
#include "balancer/plan_question.h"
#include "balancer/plan_text.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/http_get.h"
#include "cli/output.h"

namespace spillway::cli {
namespace {

using balancer::PlanQuestion;
using Rooms = std::vector<balancer::RoomGroup>;

struct PlanOptions {
  PlanQuestion question;
  std::string from_live;  // a balancer's URL; empty: the question says what there is
  bool json = false;
};

Status check_url(const std::string& url) {
  const auto address = parse_address(url, {"http"});
  return address ? ok() : Status(address.error());
}

FlagSet plan_flags(PlanOptions& options) {
  FlagSet flags;
  for (const balancer::PlanParameter& parameter : balancer::plan_parameters()) {
    flags.add({std::string(parameter.name), std::string(parameter.value),
               std::string(parameter.help),
               [&options, set = parameter.set](std::string_view text) {
                 return set(options.question, text);
               },
               [&options, show = parameter.show] { return show(options.question); }});
  }
  flags.add(checked_flag(
      options.from_live,
      {"from-live", "A running balancer that brings users, rooms and how much they say", "URL"},
      check_url));
  flags.add(switch_flag(options.json, {"json", "As JSON, with all digits"}));
  return flags;
}

// What the flags have to be besides each being right.
Status check(const PlanOptions& options) {
  const auto& audience = options.question.audience;
  if (options.from_live.empty()) {
    const auto missing = balancer::missing_parameter(options.question);
    if (!missing) return ok();
    return Error{fmt::format(
        "--{}: it is missing; give --users, --rooms and --interval, or --from-live", *missing)};
  }
  const bool given = audience.users > 0 || audience.rooms > 0 || audience.interval.count() > 0 ||
                     audience.distribution != Distribution{};
  if (!given) return ok();
  return Error{
      "--from-live: it brings users, rooms and intervals with it; leave out --users, --rooms, "
      "--interval and --distribution"};
}

Result<Rooms> read_rooms(const HttpAnswer& answer) {
  if (answer.status != 200) return Error{fmt::format("its answer is HTTP {}", answer.status)};
  return balancer::live_rooms(answer.body);
}

Result<Rooms> ask_for_rooms(const std::string& url) {
  const auto address = parse_address(url, {"http"});  // its flag has checked it
  HttpGet request;
  request.address = *address;
  request.path = address->below("/redis-stats");
  request.body_bytes_max = balancer::kLiveStatsBytesMax;
  request.timeout = std::chrono::seconds(30);
  boost::asio::io_context io{1};
  std::optional<Result<Rooms>> rooms;
  http_get(io, std::move(request), [&rooms](const Result<HttpAnswer>& answer) {
    rooms = answer ? read_rooms(*answer) : Result<Rooms>(answer.error());
  });
  io.run();
  if (rooms && *rooms) return std::move(**rooms);
  return Error{fmt::format("--from-live: nothing to plan from at {} ({})", url,
                           rooms ? rooms->error().message : "no answer")};
}

}  // namespace

int run_plan_command(const Arguments& arguments) {
  const CommandInfo info{"plan",
                         "  spillway plan --users 100 --rooms 5 --interval 30s\n"
                         "  spillway plan --users 500000 --rooms 1000 --interval 30m "
                         "--distribution zipf:1.1\n"
                         "  spillway plan --from-live http://127.0.0.1:3000"};
  PlanOptions options;
  const FlagSet flags = plan_flags(options);
  if (const auto exit_code = configure(info, flags, arguments)) return *exit_code;
  if (const Status status = check(options); !status) return usage_error(info, status.error());
  const PlanQuestion& question = options.question;
  if (options.from_live.empty()) {
    const auto plan = balancer::plan_for(question.audience, question.settings);
    if (options.json)
      print_line(balancer::plan_json(question, plan));
    else
      fmt::print("{}", balancer::plan_text(question, plan));
    return 0;
  }
  const auto rooms = ask_for_rooms(options.from_live);
  if (!rooms) return environment_error(info, rooms.error());
  const auto plan = balancer::plan_for(*rooms, question.settings);
  if (options.json) {
    print_line(balancer::live_plan_json(options.from_live, question.settings, plan));
  } else {
    fmt::print("{}", balancer::live_plan_text(options.from_live, question.settings, plan));
  }
  return 0;
}

}  // namespace spillway::cli
