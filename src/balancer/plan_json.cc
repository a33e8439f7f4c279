#include "balancer/plan_json.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

#include "balancer/plan_ceilings.h"
#include "protocol/json_writer.h"

namespace spillway::balancer {
namespace {

using protocol::append_json_string;

double seconds(std::chrono::microseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// An object that is written member by member.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  void end() { out_ += '}'; }

  std::string& member(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    append_json_string(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) {
    append_json_string(member(name), value);
  }
  // REQUIRES: finite. The shortest form that reads back as the same number.
  void number(std::string_view name, double value) {
    fmt::format_to(std::back_inserter(member(name)), "{}", value);
  }

 private:
  std::string& out_;
};

void add_settings(ObjectWriter& input, const PlanSettings& settings) {
  input.number("size", static_cast<double>(settings.message_bytes));
  input.number("flush_interval_max_s", seconds(settings.flush_interval_max));
  input.number("spawn_writes", settings.capacity.deliveries_per_s);
  input.number("spawn_busy", settings.capacity.busy);
}

void append_assumed(std::string& out, const PlanSettings& settings) {
  const MessageBytes bytes = message_bytes(settings.message_bytes);
  ObjectWriter assumed(out);
  assumed.number("plain_bytes", bytes.plain);
  assumed.number("coalesced_bytes", bytes.coalesced);
  assumed.number("deflate_ratio", ceilings::kDeflateRatio);
  assumed.number("deflate_messages_min", ceilings::kDeflateMessagesMin);
  assumed.number("viewer_bytes", ceilings::kViewerBytes);
  assumed.number("server_deliveries_per_s", settings.capacity.deliveries_per_s);
  assumed.number("server_writes_per_s", ceilings::kWritesPerCore * settings.capacity.busy);
  assumed.number("room_calls_per_s_max", ceilings::kBatchesPerSecondMax);
  assumed.number("redis_busy", ceilings::kRedisBusy);
  assumed.end();
}

void append_step(std::string& out, const PlanStep& step) {
  ObjectWriter all(out);
  all.number("scale", step.scale);
  all.number("users", step.users);
  all.number("rooms", step.rooms);
  ObjectWriter room(all.member("largest_room"));
  room.number("viewers", step.largest_room.viewers);
  room.number("messages_per_s", step.largest_room.messages_per_s);
  room.end();
  all.number("messages_per_s", step.messages_per_s);
  all.number("deliveries_per_s", step.deliveries_per_s);
  all.number("kernel_writes_per_s", step.writes_per_s);
  ObjectWriter redis(all.member("redis"));
  redis.number("calls_per_s", step.redis.calls_per_s);
  redis.number("pushes_per_s", step.redis.pushes_per_s);
  redis.number("load", step.redis.load);
  redis.end();
  ObjectWriter egress(all.member("egress_bytes_per_s"));
  egress.number("plain", step.egress_bytes_per_s.plain);
  egress.number("coalesced", step.egress_bytes_per_s.coalesced);
  egress.number("deflated", step.egress_bytes_per_s.deflated);
  egress.end();
  ObjectWriter memory(all.member("memory_bytes"));
  memory.number("servers", step.memory_bytes.servers);
  memory.number("redis", step.memory_bytes.redis);
  memory.end();
  ObjectWriter servers(all.member("servers"));
  servers.number("needed", step.servers.needed);
  servers.number("by_deliveries", step.servers.by_deliveries);
  servers.number("by_writes", step.servers.by_writes);
  servers.end();
  all.text("first_limit", name_of(step.first_limit));
  all.end();
}

void append_rest(std::string& out, ObjectWriter& document, const PlanSettings& settings,
                 const CapacityPlan& plan) {
  append_assumed(document.member("assumed"), settings);
  document.member("plan") += '[';
  for (const PlanStep& step : plan) {
    if (out.back() != '[') out += ',';
    append_step(out, step);
  }
  out += ']';
  document.end();
}

}  // namespace

std::string plan_json(const PlanQuestion& question, const CapacityPlan& plan) {
  const Audience& audience = question.audience;
  std::string out;
  ObjectWriter document(out);
  ObjectWriter input(document.member("input"));
  input.number("users", static_cast<double>(audience.users));
  input.number("rooms", static_cast<double>(audience.rooms));
  input.number("interval_s", seconds(audience.interval));
  input.text("distribution", format_distribution(audience.distribution));
  add_settings(input, question.settings);
  input.end();
  append_rest(out, document, question.settings, plan);
  return out;
}

std::string live_plan_json(std::string_view from_live, const PlanSettings& settings,
                           const CapacityPlan& plan) {
  std::string out;
  ObjectWriter document(out);
  ObjectWriter input(document.member("input"));
  input.text("from_live", from_live);
  input.number("users", plan.front().users);
  input.number("rooms", plan.front().rooms);
  input.number("messages_per_s", plan.front().messages_per_s);
  add_settings(input, settings);
  input.end();
  append_rest(out, document, settings, plan);
  return out;
}

}  // namespace spillway::balancer
