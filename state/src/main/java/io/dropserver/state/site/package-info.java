/** The sites that the front door serves, and the users who may log in. */
@NullMarked
package io.dropserver.state.site;

import org.jspecify.annotations.NullMarked;
