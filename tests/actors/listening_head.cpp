#include "tests/actors/listening_head.hpp"

#include <chrono>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

namespace fulmar::actors::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);
constexpr core::Term kTerm = 1;

transport::HeadSettings settings_of(const RunContext& context, const std::string& directory) {
  transport::HeadSettings settings;
  settings.endpoint = *transport::parse_endpoint("ipc://" + directory + "/head");
  settings.run = *transport::parse_run_id(context.manifest.run_id);
  settings.term = kTerm;
  settings.offer = {"", context.supervision.liveness.value};
  settings.credentials = ListeningHead::credentials();
  settings.shard_floats = {context.shards.parameters()};
  return settings;
}

}  // namespace

ListeningHead::ListeningHead(const std::shared_ptr<const RunContext>& context, const std::string& directory) {
  auto listening = transport::HeadTransport::listen(settings_of(*context, directory), context->pool);
  if (!listening) BOOST_FAIL(listening.error().message);
  transport_ = std::move(*listening);
  transport_->start(*this);
}

template <class Entry>
Entry ListeningHead::next(std::deque<Entry>& entries, const char* what) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return !entries.empty(); })) {
    throw std::runtime_error(std::string("the head does not see ") + what);
  }
  Entry entry = std::move(entries.front());
  entries.pop_front();
  return entry;
}

ListeningHead::Asked ListeningHead::next_join() {
  return next(joins_, "a Join");
}

core::Sender ListeningHead::next_gone() {
  return next(gone_, "the end of a session");
}

ListeningHead::Heard ListeningHead::next_heard() {
  return next(heard_, "what it waits for");
}

core::Sender ListeningHead::admit(const Asked& asked) {
  const core::Sender session{1, ++incarnation_, kTerm};
  transport_->open(session, asked.peer);
  transport_->greet(asked.peer, {session, 1000, asked.join.attempt, asked.join.instance});
  return session;
}

void ListeningHead::say(const core::Sender& session, core::SessionMessage message) {
  transport_->send(session.incarnation, {std::move(message), nullptr, 0, 0});
}

void ListeningHead::send_version(const core::Sender& session, core::Version version, const SharedBuffer& weights) {
  transport_->send(session.incarnation, {core::VersionSlice{0, version}, weights, 0, weights->size()});
}

// ---- on the transport's threads

void ListeningHead::on_join(transport::PeerId peer, const core::Join& join) {
  const std::lock_guard lock(mutex_);
  joins_.push_back({peer, join});
  changed_.notify_all();
}

void ListeningHead::on_message(const core::Sender& session, core::Channel channel, transport::Delivery delivery) {
  const std::lock_guard lock(mutex_);
  heard_.push_back({session, channel, std::move(delivery)});
  changed_.notify_all();
}

void ListeningHead::on_gone(const core::Sender& session, const std::string&) {
  const std::lock_guard lock(mutex_);
  gone_.push_back(session);
  changed_.notify_all();
}

}  // namespace fulmar::actors::testing
