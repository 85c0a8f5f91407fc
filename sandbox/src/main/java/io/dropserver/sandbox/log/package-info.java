/** The output of apps, kept outside their sandboxes. */
@NullMarked
package io.dropserver.sandbox.log;

import org.jspecify.annotations.NullMarked;
