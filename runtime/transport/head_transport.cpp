#include "runtime/transport/head_transport.hpp"

#include <future>
#include <utility>

#include "runtime/transport/control_desk.hpp"
#include "runtime/transport/tensor_desk.hpp"

namespace fulmar::transport {
namespace {

struct Doors {
  std::optional<AllowList> allowed;
  std::optional<KeyPair> own;
};

Result<Doors> open_doors(const HeadSettings& settings) {
  Doors doors;
  if (!settings.keys) return doors;
  Result<KeyPair> own = read_head_keys(*settings.keys);
  if (!own) return own.error();
  Result<AllowList> allowed = AllowList::read(*settings.keys);
  if (!allowed) return allowed.error();
  doors.own = std::move(*own);
  doors.allowed = std::move(*allowed);
  return doors;
}

}  // namespace

struct HeadTransport::Impl {
  Impl(HeadSettings head, BufferPool& buffers) : settings(std::move(head)), pool(buffers) {}

  Result<void> listen(Doors doors);
  void start(HeadSink& sink);
  void stop();
  void let_members_leave();

  HeadSettings settings;
  bool stopped = false;
  BufferPool& pool;
  Traffic control_traffic;
  Traffic tensor_traffic;
  std::unique_ptr<ZmqListener> control_socket;
  std::unique_ptr<ZmqListener> tensor_socket;
  std::unique_ptr<ControlDesk> control_desk;
  std::unique_ptr<TensorDesk> tensor_desk;
  std::unique_ptr<Pump> control_pump;  // the last members: their threads use all of the above
  std::unique_ptr<Pump> tensor_pump;
};

Result<void> HeadTransport::Impl::listen(Doors doors) {
  const core::Liveness liveness{settings.offer.liveness};
  ListenerSettings control{settings.endpoint, liveness, std::nullopt};
  if (doors.own) {
    control.security.emplace(ListenerSecurity{
        *doors.own, [this](const std::string& key) { return control_desk != nullptr && control_desk->admits(key); }});
  }
  Result<std::unique_ptr<ZmqListener>> listening = ZmqListener::listen(std::move(control));
  if (!listening) return listening.error();
  control_socket = std::move(*listening);

  // CURVE would cost most of the speed here: packets are sealed instead.
  Result<std::unique_ptr<ZmqListener>> tensors =
      ZmqListener::listen({tensors_of(settings.endpoint), liveness, std::nullopt});
  if (!tensors) return tensors.error();
  tensor_socket = std::move(*tensors);

  Endpoint to_tensors = tensor_socket->endpoint();
  if (to_tensors.kind == Endpoint::Kind::tcp) to_tensors.host = "*";  // the way that control goes, too
  control_desk = std::make_unique<ControlDesk>(ControlDesk::Settings{settings, to_string(to_tensors)}, *control_socket,
                                               std::move(doors.allowed), pool, control_traffic);
  tensor_desk = std::make_unique<TensorDesk>(ExchangeSettings{settings.run, Side::head, liveness, core::channel_of(0),
                                                              settings.shard_floats, settings.keys.has_value()},
                                             *tensor_socket, pool, tensor_traffic);
  return {};
}

void HeadTransport::Impl::start(HeadSink& sink) {
  control_desk->meet(sink);
  tensor_desk->meet({[&sink](const core::Sender& session, core::Channel channel, Delivery delivery) {
                       sink.on_message(session, channel, std::move(delivery));
                     },
                     [this](const core::Sender& session, const std::string& cause) {
                       control_pump->post([this, session, cause](Time) { control_desk->tell_gone(session, cause); });
                     }});
  const Time tick = core::Liveness{settings.offer.liveness}.tick();
  control_pump = std::make_unique<Pump>(*control_socket, *control_desk, tick, "fulmar-control");
  tensor_pump = std::make_unique<Pump>(*tensor_socket, *tensor_desk, tick, "fulmar-tensors");
}

// A node that saw a connection close before it had read its farewell would take the head for dead, and wait for
// another.
void HeadTransport::Impl::let_members_leave() {
  const auto all_have_left = std::make_shared<std::promise<void>>();
  control_pump->post([this, all_have_left](Time) {
    control_desk->when_all_have_left([all_have_left] { all_have_left->set_value(); });
  });
  all_have_left->get_future().wait_for(core::Liveness{settings.offer.liveness}.lost_after());
}

void HeadTransport::Impl::stop() {
  if (control_pump && !std::exchange(stopped, true)) let_members_leave();
  if (tensor_pump) tensor_pump->stop();
  if (control_pump) control_pump->stop();
}

HeadTransport::HeadTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HeadTransport::~HeadTransport() {
  stop();
}

Result<std::unique_ptr<HeadTransport>> HeadTransport::listen(HeadSettings settings, BufferPool& pool) {
  Result<Doors> doors = open_doors(settings);
  if (!doors) return doors.error();
  auto impl = std::make_unique<Impl>(std::move(settings), pool);
  if (const Result<void> listening = impl->listen(std::move(*doors)); !listening) return listening.error();
  return std::unique_ptr<HeadTransport>(new HeadTransport(std::move(impl)));
}

void HeadTransport::start(HeadSink& sink) {
  impl_->start(sink);
}

void HeadTransport::stop() {
  impl_->stop();
}

Endpoint HeadTransport::endpoint() const {
  return impl_->control_socket->endpoint();
}

bool HeadTransport::is_encrypted() const {
  return impl_->settings.keys.has_value();
}

// ---- sessions: tensors first, so that the session is known there before the node can hear of it

void HeadTransport::open(const core::Sender& session, PeerId peer) {
  const SessionKey key = draw_session_key();
  impl_->tensor_pump->post([this, session, key](Time now) {
    impl_->tensor_desk->exchange().open(now, {session, {}, key});
  });
  impl_->control_pump->post(
      [this, session, peer, key](Time now) { impl_->control_desk->open(now, session, peer, key); });
}

void HeadTransport::greet(PeerId peer, const core::Welcome& welcome) {
  impl_->control_pump->post([this, peer, welcome](Time) { impl_->control_desk->greet(peer, welcome); });
}

void HeadTransport::close(const core::Sender& session, const core::Farewell& farewell) {
  impl_->tensor_pump->post([this, session](Time) { impl_->tensor_desk->exchange().close(session.incarnation); });
  impl_->control_pump->post([this, session, farewell](Time) { impl_->control_desk->close(session, farewell); });
}

void HeadTransport::send(core::Incarnation to, Parcel parcel) {
  if (const auto* slice = std::get_if<core::VersionSlice>(&parcel.message)) {
    const core::Channel channel = core::channel_of(slice->shard);
    impl_->tensor_pump->post([this, to, channel, parcel = std::move(parcel)](Time now) {
      impl_->tensor_desk->exchange().send(now, to, channel, parcel);
    });
  } else {
    impl_->control_pump->post(
        [this, to, parcel = std::move(parcel)](Time now) { impl_->control_desk->send(now, to, parcel); });
  }
}

// ---- answers

void HeadTransport::refuse(PeerId peer, Refusal refusal) {
  impl_->control_pump->post(
      [this, peer, refusal = std::move(refusal)](Time) { impl_->control_desk->answer(peer, refusal); });
}

void HeadTransport::answer(PeerId peer, Status status) {
  impl_->control_pump->post(
      [this, peer, status = std::move(status)](Time) { impl_->control_desk->answer(peer, status); });
}

void HeadTransport::answer(PeerId peer, Done done) {
  impl_->control_pump->post([this, peer, done](Time) { impl_->control_desk->answer(peer, done); });
}

const Traffic& HeadTransport::control_traffic() const {
  return impl_->control_traffic;
}

const Traffic& HeadTransport::tensor_traffic() const {
  return impl_->tensor_traffic;
}

}  // namespace fulmar::transport
