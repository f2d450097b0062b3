// Water: gentle waves from four travelling noises, sky by Fresnel, glint of sun or moon, darker under the banks.

import { airFunctions, airUniforms, lightFunctions, noiseFunctions } from "./air.ts";

export const waterVertex = /* glsl */ `
${airUniforms}
attribute vec3 position; attribute float object;
uniform mat4 world; uniform mat4 viewProjection;
varying vec3 vPosition; flat varying float vChosen;
void main(void){ vec4 p=world*vec4(position,1.); vPosition=p.xyz; vChosen=abs(HIGHLIGHT-object)<.5?1.:0.; gl_Position=viewProjection*p; }`;

export const waterFragment = /* glsl */ `
${airUniforms}
${noiseFunctions}
${airFunctions}
${lightFunctions}
varying vec3 vPosition; flat varying float vChosen;
float waves(vec2 p){
  float t=TIME;
  float h=.55*noise2(p*.23+vec2(t*.11,t*.05))+.30*noise2(p*.61-vec2(t*.13,-t*.17));
#ifndef LOW
  h+=.16*noise2(p*1.7+vec2(-t*.33,t*.21))+.07*noise2(p*4.3+vec2(t*.5,t*.6));
#endif
  return h;
}
void main(void){
  vec3 v=EYE-vPosition; float dist=length(v); vec3 view=v/dist;
  vec2 p=vPosition.xz; float step1=max(.12,dist*.0016);
  float h=waves(p),hx=waves(p+vec2(step1,0.)),hz=waves(p+vec2(0.,step1));
  float calm=1./(1.+dist*.006);
  vec3 n=normalize(vec3((h-hx)/step1*.5*calm,1.,(h-hz)/step1*.5*calm));
  float open=bakedSky(vPosition).r; float sun=sunlit(vPosition,vec3(0.,1.,0.));
  float fresnel=.025+.975*pow(1.-max(dot(n,view),0.),5.);
  vec3 ray=reflect(-view,n); ray.y=abs(ray.y);
  /* Near the banks the mirror shows walls rather than sky. */
  float bank=bakedSky(vPosition+vec3(ray.x,0.,ray.z)*14.).g*63.75;
  float walls=clamp((bank*.9-ray.y*40.)/10.,0.,1.)*.7;
  vec3 mirror=mix(skyColour(ray),(KEY_COLOUR*.16+ambient(vec3(ray.x,0.,ray.z)))*vec3(.55,.52,.47),walls);
  vec3 deep=vec3(.085,.155,.148)*(AMBIENT_UP*1.15+KEY_COLOUR*.24*sun)*mix(.6,1.,open);
  deep+=vec3(.01,.03,.024)*KEY_COLOUR*sun*ramp(.5,.95,h);
  vec3 c=mix(deep,mirror*mix(.75,1.,open),clamp(fresnel*1.05+.04,0.,1.));
  float spark=pow(max(dot(ray,KEY_DIRECTION),0.),320.);
  c+=KEY_COLOUR*sun*spark*6.*mix(1.,.4,NIGHT);
  c+=vChosen*vec3(.02,.10,.16);
  gl_FragColor=finished(withFog(c,vPosition),gl_FragCoord.xy);
}`;
