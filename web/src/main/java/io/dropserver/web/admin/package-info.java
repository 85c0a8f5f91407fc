/** Health checks and metrics for operators of the server. */
@NullMarked
package io.dropserver.web.admin;

import org.jspecify.annotations.NullMarked;
