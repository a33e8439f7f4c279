#include "protocol/control.h"

#include <algorithm>

#include "base/overloaded.h"
#include "protocol/json_reader.h"
#include "protocol/json_writer.h"

namespace spillway::protocol {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

Result<Redistribute::Target> read_target(element item) {
  const auto members = object_of(item);
  if (!members) return Error{"a target is not an object"};
  const auto url = string_member(*members, "url");
  if (!url || !is_websocket_url(*url)) return Error{"a target's url is not ws:// or wss://"};
  const auto n = unsigned_member(*members, "n", kControlViewersMax);
  if (!n) return Error{"a target's n is not a number of viewers"};
  return Redistribute::Target{std::string(*url), static_cast<std::uint32_t>(*n)};
}

Result<ControlMessage> read_order_to_leave(object members) {
  const auto n = unsigned_member(members, "n", kControlViewersMax);
  if (!n) return Error{"redistribute: n is not a number of viewers"};
  Redistribute order;
  order.n = static_cast<std::uint32_t>(*n);
  const auto targets = find_member(members, "targets");
  if (!targets) return ControlMessage(std::move(order));
  array items;
  if (targets->value.get(items) != simdjson::SUCCESS) {
    return Error{"redistribute: targets is not an array"};
  }
  for (const element item : items) {
    if (order.targets.size() == kControlTargetsMax) return Error{"redistribute: too many targets"};
    auto target = read_target(item);
    if (!target) return target.error();
    order.targets.push_back(*std::move(target));
  }
  return ControlMessage(std::move(order));
}

void append_redistribute_order(std::string& out, const Redistribute& order) {
  out += R"({"type":"redistribute","n":)";
  append_number(out, std::uint64_t{order.n});
  out += R"(,"targets":[)";
  for (const Redistribute::Target& target : order.targets) {
    if (&target != &order.targets.front()) out += ',';
    out += R"({"url":)";
    append_json_string(out, target.url);
    out += R"(,"n":)";
    append_number(out, std::uint64_t{target.n});
    out += '}';
  }
  out += "]}";
}

}  // namespace

bool is_websocket_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::string_view name = url.substr(0, scheme);
  if (name != "ws" && name != "wss") return false;
  const bool names_host = url.size() > name.size() + 3;
  const auto is_graphic = [](char c) { return c > ' ' && c < '\x7f'; };
  return names_host && url.size() <= kControlUrlBytesMax &&
         std::all_of(url.begin(), url.end(), is_graphic);
}

Result<ControlMessage> parse_control(std::string_view text) {
  JsonReader reader(kControlBytesMax);
  const auto root = reader.parse(text);
  const auto members = root ? object_of(*root) : std::nullopt;
  if (!members) return Error{"a control message is not one JSON object"};
  const auto type = string_member(*members, "type");
  if (type == "redistribute") return read_order_to_leave(*members);
  if (type == "drain") return ControlMessage(DrainOrder{});
  return Error{"a control message's type is unknown"};
}

std::string encode_control(const ControlMessage& message) {
  std::string out;
  std::visit(overloaded{
                 [&](const Redistribute& order) { append_redistribute_order(out, order); },
                 [&](const DrainOrder&) { out += R"({"type":"drain"})"; },
             },
             message);
  return out;
}

}  // namespace spillway::protocol
