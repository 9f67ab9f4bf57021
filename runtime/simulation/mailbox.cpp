#include "runtime/simulation/mailbox.hpp"

#include <utility>

namespace fulmar::planner {

void Mailbox::post(std::function<void()> message) {
  ++messages_;
  add(std::move(message));
}

void Mailbox::wake(std::function<void()> look) {
  add(std::move(look));
}

void Mailbox::add(std::function<void()> handle) {
  waiting_.push_back(std::move(handle));
  if (!handling_) take_next();
}

void Mailbox::take_next() {
  handling_ = !waiting_.empty();
  if (!handling_) return;
  queue_.after(cost_, [this] {
    const std::function<void()> handle = std::move(waiting_.front());
    waiting_.pop_front();
    spent_ = Time(0);
    handle();
    busy_ += cost_ + spent_;
    then([this] { take_next(); });
  });
}

}  // namespace fulmar::planner
