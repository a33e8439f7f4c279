#include "load/live_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "load/words.h"

namespace spillway::load {
namespace {

constexpr std::size_t kBarCells = 24;
constexpr std::size_t kServersShown = 4;

std::string bar(double share) {
  const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * kBarCells);
  return '[' + std::string(full, '#') + std::string(kBarCells - full, '.') + ']';
}

// How far it is, and how long it will still take.
struct Way {
  std::string what;
  double share = 0;
};

Way connecting(const LoadOptions& options, const Progress& progress) {
  const std::uint64_t there = progress.now.count(Metric::kConnects);
  const Duration planned = options.stagger * static_cast<std::int64_t>(options.viewers);
  const Duration left = planned - (progress.now.at - progress.began);
  std::string what =
      fmt::format("connecting  {} of {}", grouped(there), grouped(std::uint64_t{options.viewers}));
  if (left > std::chrono::seconds(1)) what += fmt::format(", {} left", time_text(left));
  return {what, static_cast<double>(there) / options.viewers};
}

Way talking(const LoadOptions& options, const Progress& progress) {
  if (!progress.window_begin) return {"warming up", 0};
  const Duration past = progress.now.at - *progress.window_begin;
  if (progress.limit != nullptr) {
    return {fmt::format("looking for the limit, step {} at ×{:.3g}",
                        progress.limit->steps().size() + 1, progress.limit->pace()),
            0};
  }
  if (options.duration == Duration::zero()) {
    return {fmt::format("talking  for {}; Ctrl-C ends it", time_text(past)), 0};
  }
  return {fmt::format("talking  {} of {}, {} left", time_text(past), time_text(options.duration),
                      time_text(options.duration - past)),
          to_ms(past) / to_ms(options.duration)};
}

Way way_of(const LoadOptions& options, const Progress& progress) {
  switch (progress.phase) {
    case Phase::kConnecting:
      return connecting(options, progress);
    case Phase::kTalking:
      return talking(options, progress);
    case Phase::kDraining:
    case Phase::kOver:
      return {
          fmt::format("waiting for what is on its way: {} messages", grouped(progress.now.missing)),
          1};
  }
  return {};
}

std::string rates(const TimelinePoint& point) {
  return fmt::format("sent {}/s   delivered {}/s", grouped(per_second(point.sent, point.lasts)),
                     grouped(per_second(point.deliveries, point.lasts)));
}

std::string percentiles(const TimelinePoint& point) {
  if (point.timed == 0) return "latency  -";
  return fmt::format("latency  p50 {}   p99 {}   p99.9 {}   (last second)", latency_text(point.p50),
                     latency_text(point.p99), latency_text(point.p999));
}

std::string wrongs(const Snapshot& now) {
  return fmt::format(
      "lost {}   doubled {}   out of order {}   gaps {}   reconnects {}   "
      "hand-overs {}",
      grouped(now.lost()), grouped(now.count(Metric::kDuplicates)),
      grouped(now.count(Metric::kOutOfOrder)), grouped(now.count(Metric::kGaps)),
      grouped(now.count(Metric::kReconnects)), grouped(now.count(Metric::kRedistributed)));
}

// The largest first.
std::string shares(const Snapshot& now) {
  std::vector<std::pair<std::uint64_t, std::string>> servers;
  std::uint64_t all = 0;
  for (const auto& [url, viewers] : now.servers) {
    if (viewers > 0) servers.emplace_back(viewers, url);
    all += viewers;
  }
  std::sort(servers.rbegin(), servers.rend());
  std::string out = "servers ";
  for (std::size_t i = 0; i < std::min(servers.size(), kServersShown); ++i) {
    out += fmt::format(" {} {} ({:.0f} %)", servers[i].second, grouped(servers[i].first),
                       100.0 * static_cast<double>(servers[i].first) / static_cast<double>(all));
  }
  if (servers.size() > kServersShown) {
    out += fmt::format(" and {} more", servers.size() - kServersShown);
  }
  return servers.empty() ? "servers  none" : out;
}

// The last points' p99, from nothing to the highest of them.
std::string sparkline(const std::vector<TimelinePoint>& points, std::size_t cells) {
  static constexpr std::array<std::string_view, 8> kSteps{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t shown = std::min(points.size(), cells);
  const auto first = points.end() - static_cast<std::ptrdiff_t>(shown);
  Duration highest{1};
  for (auto point = first; point != points.end(); ++point) {
    highest = std::max(highest, point->p99);
  }
  std::string out;
  for (auto point = first; point != points.end(); ++point) {
    const double share = to_ms(point->p99) / to_ms(highest);
    out += kSteps[static_cast<std::size_t>(std::lround(share * (kSteps.size() - 1)))];
  }
  return fmt::format("p99      {} highest {}", out, latency_text(highest));
}

// Cut to the terminal's width, which escapes and wide signs would exceed.
void add_line(std::string& out, std::string line, std::size_t columns) {
  std::size_t seen = 0;
  std::size_t end = 0;
  while (end < line.size() && seen < columns) {
    ++end;
    while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xc0U) == 0x80) ++end;
    ++seen;
  }
  line.resize(end);
  out += line + '\n';
}

}  // namespace

std::string live_view(const LoadOptions& options, const Progress& progress, std::size_t columns) {
  const auto& points = progress.timeline.points();
  const TimelinePoint last = points.empty() ? TimelinePoint{} : points.back();
  const Way way = way_of(options, progress);
  std::string out;
  add_line(out, fmt::format("{} {}", bar(way.share), way.what), columns);
  add_line(out,
           fmt::format("viewers  {}   rooms {}   {}", grouped(progress.now.watching),
                       grouped(std::uint64_t{options.rooms}), rates(last)),
           columns);
  add_line(out, percentiles(last), columns);
  add_line(out, wrongs(progress.now), columns);
  add_line(out, shares(progress.now), columns);
  if (!points.empty()) {
    add_line(out, sparkline(points, std::min<std::size_t>(60, columns / 2)), columns);
  }
  if (!progress.now.problem.empty()) {
    add_line(out, "first problem: " + progress.now.problem, columns);
  }
  return out;
}

std::string progress_line(const LoadOptions& options, const Progress& progress) {
  const auto& points = progress.timeline.points();
  std::string line = way_of(options, progress).what;
  if (points.empty()) return line;
  const TimelinePoint& last = points.back();
  line += fmt::format(": {} viewers, {}", grouped(last.viewers), rates(last));
  if (last.timed > 0) line += fmt::format(", p99 {}", latency_text(last.p99));
  return line + fmt::format(", lost {}", grouped(progress.now.lost()));
}

}  // namespace spillway::load
