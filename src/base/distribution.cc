#include "base/distribution.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace spillway {
namespace {

constexpr std::string_view kUniform = "uniform";
constexpr std::string_view kZipf = "zipf:";
constexpr double kExponentMax = 10;  // the largest room has everybody long before

}  // namespace

Result<Distribution> parse_distribution(std::string_view text) {
  if (text == kUniform) return Distribution{};
  if (text.starts_with(kZipf)) {
    const std::string_view number = text.substr(kZipf.size());
    const char* const end = number.data() + number.size();
    double exponent = 0;
    const auto [rest, problem] = std::from_chars(number.data(), end, exponent);
    if (problem == std::errc{} && rest == end && exponent >= 0 && exponent <= kExponentMax) {
      return Distribution{exponent};
    }
  }
  return Error{fmt::format(
      "'{}' is no distribution; give uniform, or zipf:S with S from 0 to {}, such as zipf:1.1",
      text, kExponentMax)};
}

std::string format_distribution(const Distribution& distribution) {
  if (distribution.exponent == 0) return std::string(kUniform);
  return fmt::format("{}{}", kZipf, distribution.exponent);
}

std::vector<std::uint64_t> room_sizes(std::uint64_t viewers, std::size_t rooms,
                                      const Distribution& distribution) {
  CHECK(rooms > 0);
  std::vector<double> exact(rooms);
  for (std::size_t i = 0; i < rooms; ++i) {
    exact[i] = std::pow(static_cast<double>(i + 1), -distribution.exponent);
  }
  const double whole = std::accumulate(exact.begin(), exact.end(), 0.0);
  std::vector<std::uint64_t> sizes(rooms);
  std::uint64_t given = 0;
  for (std::size_t i = 0; i < rooms; ++i) {
    exact[i] *= static_cast<double>(viewers) / whole;
    sizes[i] = std::min(static_cast<std::uint64_t>(exact[i]), viewers - given);
    given += sizes[i];
    exact[i] -= static_cast<double>(sizes[i]);  // from here on the remainder
  }
  std::vector<std::size_t> by_remainder(rooms);
  std::iota(by_remainder.begin(), by_remainder.end(), std::size_t{0});
  std::stable_sort(by_remainder.begin(), by_remainder.end(),
                   [&exact](std::size_t a, std::size_t b) { return exact[a] > exact[b]; });
  for (std::size_t i = 0; given < viewers; ++i, ++given) ++sizes[by_remainder[i % rooms]];
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  return sizes;
}

std::vector<std::uint32_t> rooms_of_viewers(const std::vector<std::uint64_t>& sizes) {
  struct Place {
    double at;  // in [0, 1): the viewers of each room are spread over all places
    std::uint32_t room;
  };
  std::vector<Place> places;
  places.reserve(std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}));
  for (std::uint32_t room = 0; room < sizes.size(); ++room) {
    for (std::uint64_t i = 0; i < sizes[room]; ++i) {
      const double place = static_cast<double>(i) + 0.5;
      places.push_back({place / static_cast<double>(sizes[room]), room});
    }
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.at < b.at; });
  std::vector<std::uint32_t> rooms(places.size());
  std::transform(places.begin(), places.end(), rooms.begin(),
                 [](const Place& place) { return place.room; });
  return rooms;
}

}  // namespace spillway
