#include "room/members.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "base/random.h"

namespace spillway::room {
namespace {

struct Viewer {
  std::uint32_t member_index = 0;
  int visits = 0;
};

void expect_true_indexes(const Members<Viewer>& members) {
  for (std::size_t i = 0; i < members.size(); ++i) ASSERT_EQ(members[i]->member_index, i);
}

TEST(Members, VisitsEveryoneWhoStaysOnceWhoeverGoesWhen) {
  // Six viewers; one goes after each number of visits.
  constexpr std::size_t kViewers = 6;
  for (std::size_t goes = 0; goes < kViewers; ++goes) {
    for (std::size_t after = 0; after <= kViewers; ++after) {
      std::vector<Viewer> viewers(kViewers);
      Members<Viewer> members;
      for (Viewer& viewer : viewers) members.add(&viewer);
      members.begin_flush();
      for (std::size_t i = 0; i < after; ++i) ++members.advance()->visits;
      members.remove(&viewers[goes]);
      expect_true_indexes(members);
      while (!members.flush_done()) ++members.advance()->visits;
      for (std::size_t i = 0; i < kViewers; ++i) {
        if (i != goes) {
          EXPECT_EQ(viewers[i].visits, 1) << goes << " went after " << after;
        }
      }
      EXPECT_EQ(viewers[goes].visits, goes < after ? 1 : 0);
    }
  }
}

TEST(Members, VisitsEveryoneWhoStaysOnceThroughRandomComingsAndGoings) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<std::unique_ptr<Viewer>> here;
    std::set<Viewer*> stayed;  // there from the flush's beginning
    Members<Viewer> members;
    const auto add = [&] {
      here.push_back(std::make_unique<Viewer>());
      members.add(here.back().get());
    };
    const auto remove = [&] {
      const auto gone = here.begin() + static_cast<std::ptrdiff_t>(random.below(here.size()));
      members.remove(gone->get());
      stayed.erase(gone->get());
      here.erase(gone);
    };
    for (int flush = 0; flush < 20; ++flush) {
      for (std::uint64_t i = random.below(12); i > 0; --i) add();
      while (!here.empty() && random.below(3) == 0) remove();
      stayed.clear();
      for (const auto& viewer : here) {
        viewer->visits = 0;
        stayed.insert(viewer.get());
      }
      members.begin_flush();
      while (!members.flush_done()) {
        ++members.advance()->visits;
        if (random.below(3) == 0) add();
        while (!here.empty() && random.below(2) == 0) remove();
        expect_true_indexes(members);
        if (HasFatalFailure()) return;
      }
      for (const Viewer* viewer : stayed) ASSERT_EQ(viewer->visits, 1);
      for (const auto& viewer : here) ASSERT_LE(viewer->visits, 1);
      ASSERT_EQ(members.size(), here.size());
      std::set<Viewer*> listed(members.begin(), members.end());
      ASSERT_EQ(listed.size(), here.size());
    }
  }
}

TEST(Members, IsDoneAtOnceWhereNobodyIs) {
  Members<Viewer> members;
  members.begin_flush();
  EXPECT_TRUE(members.flush_done());
  EXPECT_TRUE(members.empty());
}

TEST(MembersDeathTest, RefusesToRemoveWhoIsNotThere) {
  std::vector<Viewer> viewers(2);
  Members<Viewer> members;
  members.add(&viewers[0]);
  EXPECT_DEATH(members.remove(&viewers[1]), "invariant");
}

}  // namespace
}  // namespace spillway::room
