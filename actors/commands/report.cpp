// fulmar report RUNDIR: a page with the run's curves, scores, maps and timeline.
#include "actors/report/report.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "actors/commands/command.hpp"
#include "runtime/storage/posix_storage.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  std::string directory;
  std::string output;
  std::string split = "test";
  std::string weights;
};

std::filesystem::path folder_of(const std::filesystem::path& page) {
  return page.has_parent_path() ? page.parent_path() : ".";
}

/// Before the work, not after it.
Result<void> check_output(const std::filesystem::path& page) {
  std::error_code unknown;  // then writing tells
  if (!page.has_filename() || std::filesystem::is_directory(page, unknown))
    return Error{page.string() + " is a directory; name the file to write with --output"};
  if (!std::filesystem::exists(folder_of(page), unknown) && !unknown)
    return Error{"--output " + page.string() + ": there is no directory " + folder_of(page).string() +
                 "; create it, or name a file elsewhere"};
  return {};
}

Result<void> write_page(const report::Report& report, const std::filesystem::path& page) {
  storage::PosixStorage destination(folder_of(page).string());
  const Result<void> written = report::write_report(report, destination, page.filename().string());
  if (written) return {};
  return Error{page.string() + " could not be written: " + written.error().message +
               "; choose another file with --output"};
}

int run(const Options& options) {
  const std::filesystem::path page = options.output.empty()
                                         ? std::filesystem::path(options.directory) / report::kReportFile
                                         : std::filesystem::path(options.output);
  if (!options.output.empty())
    if (const Result<void> fit = check_output(page); !fit) return report_failure(fit.error());
  Result<core::Manifest> manifest = read_run_manifest(options.directory);
  if (!manifest) return report_failure(manifest.error());
  const Result<actors::Experiment> experiment = open_run_experiment(*manifest, options.directory);
  report::ReportSubject subject;
  subject.directory = options.directory;
  subject.manifest = std::move(*manifest);
  subject.split = *data::parse_split(options.split);
  subject.weights = options.weights;
  if (experiment) {
    subject.experiment = &*experiment;
  } else {
    subject.notes.push_back("there are no scores and no maps, because the run's data cannot be used: " +
                            experiment.error().message);
  }
  storage::PosixStorage run_directory(options.directory);
  const Result<report::Report> gathered = report::gather_report(subject, run_directory);
  if (!gathered) return report_failure(gathered.error());
  for (const std::string& note : gathered->notes) std::fprintf(stderr, "fulmar: %s\n", note.c_str());

  if (const Result<void> written = write_page(*gathered, page); !written) return report_failure(written.error());
  std::printf("%s\n", page.c_str());
  return kSuccess;
}

}  // namespace

Command add_report(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("report", "Curves, scores, maps and timeline of a run, as one page");
  command->add_option("RUNDIR", options->directory, "The directory of a run; it may still be training")->required();
  command->add_option("--output", options->output, "The file to write; by default report.html in RUNDIR");
  command->add_option("--split", options->split, "Which samples to score and to draw")
      ->check(CLI::IsMember({"train", "validation", "test"}))
      ->capture_default_str();
  const CLI::Option* weights = command->add_option(
      "--weights", options->weights, "best, latest or a version; by default best where there is a validation split");
  command->parse_complete_callback([options, weights] {
    if (weights->count() > 0) insist_on(actors::check_selection(options->weights));
  });
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
