// The report of a run: all that is known of it, from its directory and its data, on one page that needs nothing else.
//
// Thread rule: pure functions over a run directory, read only but for the page; also beside a head that writes to it.
//
// REPORT-1: a part that cannot be had is left out, and a note says why; a report is refused only where the directory's
//           checkpoints cannot even be listed, or weights were asked for that are not there.
// REPORT-2: the page's size does not grow with the length of the run.
// REPORT-3: who opens the page sees the old one or the new one, whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/evaluation.hpp"
#include "actors/experiment.hpp"
#include "runtime/core/manifest.hpp"
#include "runtime/storage/storage.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::report {

inline constexpr std::string_view kReportFile = "report.html";

/// What a report is about.
struct ReportSubject {
  std::string directory;  ///< of the run, as its user names it
  core::Manifest manifest;
  /// Of the run; nullptr: its data cannot be opened, as `notes` say, and there are no scores and no maps.
  const actors::Experiment* experiment = nullptr;
  /// Made already; nullptr: `weights` are evaluated on `split`.
  const actors::Evaluation* evaluation = nullptr;
  data::Split split = data::Split::test;
  std::string weights;             ///< as actors::evaluate() takes them
  std::vector<std::string> notes;  ///< what the reader should know first
};

struct Report {
  std::string json;                ///< what the page is made from
  std::vector<std::string> notes;  ///< the subject's, and what could not be had
};

/// `storage`: the run's directory.
Result<Report> gather_report(const ReportSubject& subject, storage::Storage& storage);

/// Writes the page into the directory of `storage`.
Result<void> write_report(const Report& report, storage::Storage& storage, std::string_view file = kReportFile);

}  // namespace fulmar::report
