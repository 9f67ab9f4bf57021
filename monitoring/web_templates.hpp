// The pages as they are in web/, with their styles and scripts in them; the build makes these (embed_web.cmake).
// Thread rule: constants.
#pragma once

#include <string_view>

namespace fulmar::monitoring {

extern const std::string_view kStatusTemplate;  ///< web/status.html
extern const std::string_view kReportTemplate;  ///< web/report.html

}  // namespace fulmar::monitoring
