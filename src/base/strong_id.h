// Ids that the compiler keeps apart.
#pragma once

#include <compare>
#include <cstdint>

namespace spillway {

template <typename Tag, typename Rep = std::uint64_t>
struct StrongId {
  Rep value{};
  friend auto operator<=>(const StrongId&, const StrongId&) = default;
};

// Outside its loop a viewer is a name. A stale generation is simply "gone".
struct ViewerId {
  std::uint32_t loop = 0;
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend auto operator<=>(const ViewerId&, const ViewerId&) = default;
};

}  // namespace spillway
