#include "load/chats.h"

#include <algorithm>

#include "base/check.h"

namespace spillway::load {

void Chats::add(std::uint32_t id, TimePoint due) {
  CHECK(!full());
  if (!chats_) chats_ = std::make_unique<std::vector<Chat>>();
  chats_->push_back({id, 0, due, Chat::kNoLink});
}

void Chats::answered(std::uint32_t id) {
  if (!chats_) return;
  std::erase_if(*chats_, [id](const Chat& chat) { return chat.id == id; });
  if (chats_->empty()) chats_.reset();
}

void Chats::take_back(unsigned link) {
  if (!chats_) return;
  for (Chat& chat : *chats_) {
    if (chat.link == link) chat.link = Chat::kNoLink;
  }
}

bool Chats::owed_by(unsigned link) const {
  return chats_ && std::any_of(chats_->begin(), chats_->end(),
                               [link](const Chat& chat) { return chat.link == link; });
}

}  // namespace spillway::load
