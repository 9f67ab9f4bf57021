// fulmar keygen DIR: keys for a head and for those whom it lets in; with --add, for one more of those.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "actors/commands/command.hpp"
#include "runtime/transport/keys.hpp"

namespace fulmar::commands {
namespace {

using transport::Role;

struct Options {
  std::string directory;
  std::string name;
  bool admin = false;
};

void say_how_to_use(const std::string& client, const std::string& path, Role role) {
  if (role == Role::admin) {
    std::printf("  ask the head:    fulmar status tcp://HEAD:7070 --keys %s\n", path.c_str());
    return;
  }
  std::printf("  copy the folder: scp -rp %s MACHINE:%s\n", path.c_str(), client.c_str());
  std::printf("  and join there:  fulmar join tcp://HEAD:7070 --keys %s\n", client.c_str());
}

int make_all(const std::filesystem::path& directory) {
  const auto made = transport::generate_keys(directory);
  if (!made) return report_failure(made.error());
  const std::string head = (directory / "head").string();
  const std::string worker = (directory / "worker").string();
  const std::string admin = (directory / "admin").string();
  std::printf("made keys:\n");
  std::printf("  %s  the head's own, and whom it lets in: workers/*.pub and admins/*.pub\n", head.c_str());
  std::printf("  %s  for machines that join: one for all, or one each (--add NAME)\n", worker.c_str());
  std::printf("  %s  for fulmar status, drain and policy\n", admin.c_str());
  std::printf("Each secret.key is for its owner alone. Next:\n");
  std::printf("  start the head:  fulmar train RUN.toml --listen 'tcp://*:7070' --keys %s\n", head.c_str());
  say_how_to_use("worker", worker, Role::worker);
  say_how_to_use("admin", admin, Role::admin);
  return kSuccess;
}

int add_one(const std::filesystem::path& directory, const std::string& name, Role role) {
  const auto made = transport::add_client(directory, name, role);
  if (!made) return report_failure(made.error());
  const std::string path = (directory / name).string();
  const std::string allowed = made->back().string();
  std::printf("made keys:\n");
  std::printf("  %s  for %s\n", path.c_str(), role == Role::admin ? "an administrator" : "a machine that joins");
  std::printf("  %s  lets it in, at once, if the head runs with this folder; else copy it there\n", allowed.c_str());
  std::printf("Its secret.key is for its owner alone; to shut it out again, remove the .pub file. Next:\n");
  say_how_to_use(name, path, role);
  return kSuccess;
}

int run(const Options& options) {
  if (options.name.empty()) return make_all(options.directory);
  return add_one(options.directory, options.name, options.admin ? Role::admin : Role::worker);
}

}  // namespace

Command add_keygen(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("keygen", "Make the keys of a head and of those whom it lets in");
  command->add_option("DIR", options->directory, "Folder for the keys; nothing in it is overwritten")->required();
  CLI::Option* name =
      command->add_option("--add", options->name, "Make one more, DIR/NAME, which the head of DIR lets in");
  command
      ->add_flag("--admin", options->admin,
                 "With --add: for an administrator (status, drain, policy), not for a worker")
      ->needs(name);
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
