#include "server/refusals.h"

#include <fmt/core.h>

#include <string>

#include "redis/mend.h"

namespace spillway::server {
namespace {

constexpr std::size_t kQuotedMax = 200;  // of an error text that we did not write

}  // namespace

void Refusals::note(std::string_view what, std::string_view key, const redis::Answer& answer) {
  if (answer.fate != redis::Fate::kAnswered) return;
  ++total_;
  const std::string_view error = answer.reply.error_text();
  const std::string_view mend = redis::mend(error);
  // A Redis that takes no writes takes none of any kind.
  const std::string kind = redis::refused_whole(error)
                               ? std::string(error.substr(0, error.find(' ')))
                               : fmt::format("{} {}", error.substr(0, error.find(' ')), what);
  const TimePoint now = Clock::now();
  if (said_.size() >= kKindsMax) said_.clear();
  const auto [said, first] = said_.try_emplace(kind, now);
  if (!first && now - said->second < kSayEvery) return;
  said->second = now;
  const std::string why =
      error.empty() ? "its answer makes no sense: delete the key" : fmt::format("Redis {}", mend);
  log_.warn("redis refused", {{"what", what},
                              {"key", key},
                              {"redis", error.substr(0, kQuotedMax)},
                              {"why", error.empty() || !mend.empty() ? why : "see its error"}});
}

}  // namespace spillway::server
