#include "load/cast.h"

#include <cmath>

namespace spillway::load {
namespace {

// Whether the `rank`-th of a group is one of the `share` of it: evenly spread, and the groups
// begin at different places so that small shares do not miss all small groups.
bool picked(std::uint64_t rank, double share, std::uint64_t group) {
  constexpr double kGolden = 0.6180339887498949;  // multiples of it fill [0, 1) evenly
  double whole = 0;
  const double begin = std::modf(static_cast<double>(group + 1) * kGolden, &whole);
  const double before = begin + static_cast<double>(rank) * share;
  return std::floor(before + share) > std::floor(before);
}

class Casting {
 public:
  explicit Casting(const LoadOptions& options)
      : options_(options),
        rooms_(rooms_of_viewers(room_sizes(options.viewers, options.rooms, options.distribution))),
        ranks_(options.rooms),
        raiders_(options.scenario.raids.size()) {}

  // Viewer by viewer, from the first. The very first talks in any case: a run must say something.
  Part next() {
    Part part;
    part.viewer = viewer_++;
    part.room = rooms_[part.viewer];
    const std::uint32_t rank = ranks_[part.room]++;
    part.talks = part.viewer == 0 || picked(rank, options_.talkers, part.room);
    part.slow = picked(part.viewer, options_.scenario.slow.share, 0);
    for (std::size_t i = 0; i < raiders_.size(); ++i) {
      const Raid& raid = options_.scenario.raids[i];
      if (part.room == raid.room || raiders_[i] == raid.viewers) continue;
      ++raiders_[i];
      part.raids.push_back(static_cast<std::uint8_t>(i));
    }
    return part;
  }

 private:
  const LoadOptions& options_;
  const std::vector<std::uint32_t> rooms_;
  std::vector<std::uint32_t> ranks_;    // viewers of each room so far
  std::vector<std::uint32_t> raiders_;  // of each raid so far
  std::uint32_t viewer_ = 0;
};

}  // namespace

std::vector<Part> parts_of(const LoadOptions& options, std::uint32_t engine) {
  std::vector<Part> parts;
  Casting casting(options);
  for (std::uint32_t i = 0; i < options.viewers; ++i) {
    Part part = casting.next();
    if (i % options.engines() == engine) parts.push_back(std::move(part));
  }
  return parts;
}

std::uint64_t talkers_of(const LoadOptions& options) {
  std::uint64_t talkers = 0;
  Casting casting(options);
  for (std::uint32_t i = 0; i < options.viewers; ++i) talkers += casting.next().talks ? 1 : 0;
  return talkers;
}

}  // namespace spillway::load
