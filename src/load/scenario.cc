#include "load/scenario.h"

#include <algorithm>

namespace spillway::load {

std::vector<PaceChange> pace_changes(const std::vector<Burst>& bursts) {
  std::vector<PaceChange> changes;
  for (const Burst& burst : bursts) {
    changes.push_back({burst.at, 1});
    changes.push_back({burst.at + burst.lasts, 1});
  }
  std::sort(changes.begin(), changes.end(),
            [](const PaceChange& a, const PaceChange& b) { return a.at < b.at; });
  for (PaceChange& change : changes) {
    for (const Burst& burst : bursts) {
      if (change.at >= burst.at && change.at < burst.at + burst.lasts)
        change.factor *= burst.factor;
    }
  }
  return changes;
}

}  // namespace spillway::load
