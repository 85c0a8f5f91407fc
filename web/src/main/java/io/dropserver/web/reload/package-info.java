/** Reloads the shell's page of an app while its author writes it. Only {@code app dev} uses it. */
@NullMarked
package io.dropserver.web.reload;

import org.jspecify.annotations.NullMarked;
