/** The sites that the front door serves, and the users who may log in. */
@NullMarked
package io.dropserver.schema.site;

import org.jspecify.annotations.NullMarked;
