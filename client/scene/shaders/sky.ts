// The sky: gradient, sun, moon, stars and soft clouds, drawn behind everything by one triangle.

import { airFunctions, airUniforms, noiseFunctions } from "./air.ts";

export const skyVertex = /* glsl */ `
precision highp float;
attribute vec3 position;
uniform vec4 corners[3];
varying vec3 vRay;
void main(void){
  vRay=corners[0].xyz+position.x*corners[1].xyz+position.y*corners[2].xyz;
  gl_Position=vec4(position.xy,1.,1.);
}`;

export const skyFragment = /* glsl */ `
${airUniforms}
${noiseFunctions}
${airFunctions}
varying vec3 vRay;
void main(void){
  vec3 d=normalize(vRay);
  vec3 c=skyColour(normalize(vec3(d.x,max(d.y,.0),d.z)));
  if(d.y>0.){
    if(NIGHT>.05){
      vec3 cell=floor(d*190.); float star=hash2(cell.xy+cell.z*17.3);
      vec3 at=(fract(d*190.)-.5);
      c+=vec3(.85,.92,1.)*step(.9965,star)*ramp(.35,.0,length(at))*NIGHT*NIGHT*.35*ramp(.02,.25,d.y)*(.4+.6*hash1(star*999.));
    }
    float moon=dot(d,MOON);
    float disc=ramp(.99990,.99994,moon);
    c+=vec3(.9,.93,1.)*(disc*(.25+.9*NIGHT)+.10*NIGHT*pow(max(moon,0.),240.)+.03*NIGHT*pow(max(moon,0.),24.))*MOON_FRACTION;
#ifndef LOW
    /* Clouds on a plane far above, thinning out towards the horizon where they would turn into noise. */
    vec2 q=d.xz/(d.y+.12)*1.15+vec2(TIME*.0022,TIME*.0008);
    float n=fbm(q)+.35*fbm(q*2.7+4.1)-.17;
    float cover=ramp(.46,.80,n)*CLOUDS*ramp(.02,.22,d.y);
    float thick=fbm(q+SUN.xz*.12);
    vec3 lightSide=HORIZON_NEAR*.55+GLOW*.30+ZENITH*.25+KEY_COLOUR*.14;
    vec3 cloud=mix(lightSide,mix(HORIZON_FAR,ZENITH,.5)*1.02,ramp(.35,.75,thick)*.75);
    c=mix(c,cloud,cover*.85);
#endif
    float mu=dot(d,SUN);
    c+=(GLOW*5.+vec3(.6,.5,.4)*step(.001,GLOW.r))*ramp(.99985,.99992,mu);
  }
  gl_FragColor=finished(c,gl_FragCoord.xy);
}`;
