#include "protocol/server_message.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

#include "protocol/json_writer.h"

namespace spillway::protocol {
namespace {

// ISO 8601 in UTC with milliseconds: 2026-11-24T03:00:00.000Z.
void append_time(std::string& out, WallTime time) {
  using std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> instant{milliseconds{time.ms}};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{instant - day};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count(), clock.subseconds().count());
}

}  // namespace

void append_welcome(std::string& out, WallTime connected_at, std::string_view server) {
  out += R"({"type":"welcome","connected_at":")";
  append_time(out, connected_at);
  out += R"(","server":)";
  append_json_string(out, server);
  out += '}';
}

void append_registered(std::string& out, const Registered& registered) {
  out += R"({"type":"registered","payload":{"chatId":)";
  append_json_string(out, registered.chat_id);
  out += R"(,"epoch":)";
  append_json_string(out, registered.epoch);
  out += R"(,"seq":)";
  append_number(out, registered.seq);
  if (registered.recovered) {
    out += *registered.recovered ? R"(,"recovered":true)" : R"(,"recovered":false)";
  }
  out += R"(,"viewers":)";
  append_number(out, registered.viewers);
  out += "}}";
}

void append_ack(std::string& out, std::string_view chat_id, std::string_view id,
                std::uint64_t seq) {
  out += R"({"type":"ack","payload":{"chatId":)";
  append_json_string(out, chat_id);
  out += R"(,"id":)";
  append_json_string(out, id);
  out += R"(,"seq":)";
  append_number(out, seq);
  out += "}}";
}

void append_viewers(std::string& out, std::uint64_t viewers) {
  out += R"({"type":"viewers","payload":{"viewers":)";
  append_number(out, viewers);
  out += "}}";
}

void append_gap(std::string& out, std::uint64_t from, std::uint64_t to) {
  out += R"({"type":"gap","payload":{"from":)";
  append_number(out, from);
  out += R"(,"to":)";
  append_number(out, to);
  out += "}}";
}

void append_redistribute(std::string& out, std::string_view reason,
                         std::optional<std::string_view> redirect, std::uint32_t delay_ms) {
  out += R"({"type":"redistribute","payload":{"reason":)";
  append_json_string(out, reason);
  if (redirect) {
    out += R"(,"redirect":)";
    append_json_string(out, *redirect);
  }
  out += R"(,"delayMs":)";
  append_number(out, std::uint64_t{delay_ms});
  out += "}}";
}

void append_error(std::string& out, ErrorCode code, std::string_view message,
                  std::optional<std::uint64_t> retry_after_ms, std::string_view id) {
  out += R"({"type":"error","payload":{"code":)";
  append_json_string(out, wire_name(code));
  out += R"(,"message":)";
  append_json_string(out, message);
  if (retry_after_ms) {
    out += R"(,"retryAfterMs":)";
    append_number(out, *retry_after_ms);
  }
  if (!id.empty()) {
    out += R"(,"id":)";
    append_json_string(out, id);
  }
  out += "}}";
}

}  // namespace spillway::protocol
