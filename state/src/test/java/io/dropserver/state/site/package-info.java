@NullMarked
package io.dropserver.state.site;

import org.jspecify.annotations.NullMarked;
