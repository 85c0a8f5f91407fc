/** Health and metrics for those who operate the server. */
@NullMarked
package io.dropserver.web.admin;

import org.jspecify.annotations.NullMarked;
